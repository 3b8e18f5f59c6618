# The same path by glmnet: Rscript path_glmnet.R FOLDER THRESH; writes glmnet.json into the folder.
suppressPackageStartupMessages(library(glmnet))
arguments <- commandArgs(TRUE)
folder <- arguments[1]
lambda <- as.numeric(strsplit(gsub("[][]", "", readLines(file.path(folder, "lambdas.json"), warn = FALSE)), ",")[[1]])
rows <- file.size(file.path(folder, "y.bin"))
y <- as.numeric(readBin(file.path(folder, "y.bin"), "integer", rows, size = 1, signed = FALSE))
columns <- file.size(file.path(folder, "x.bin")) / 8 / rows
x <- matrix(readBin(file.path(folder, "x.bin"), "double", rows * columns), rows, columns, byrow = TRUE)
fit <- function(keep) glmnet(x[keep, ], y[keep], "binomial", alpha = 0, lambda = lambda, lower.limits = 0,
  standardize = FALSE, thresh = as.numeric(arguments[2]), maxit = 1e7)
fold <- (seq_len(rows) - 1) %% 5
begin <- proc.time()
whole <- fit(rep(TRUE, rows))
for (own in 0:4) held <- fit(fold != own)
taken <- (proc.time() - begin)[["elapsed"]]
cpu <- sum((proc.time() - begin)[c("user.self", "sys.self")])
number <- function(v) paste0("[", paste(sprintf("%.17g", v), collapse = ", "), "]")
b <- as.matrix(whole$beta)
text <- vapply(seq_along(lambda), function(k) number(c(whole$a0[k], b[, k])), "")
writeLines(sprintf('{"seconds": %g, "cpu": %g, "points": [%s]}', taken, cpu, paste(text, collapse = ", ")),
  file.path(folder, "glmnet.json"))
