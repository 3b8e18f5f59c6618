# The problems of precise.json by glmnet: lower limits, and the pull to a prior by way of an offset.
#
#   Rscript glmnet.R        in this folder, after precise.py; writes glmnet.json beside itself
#
# Debian package: r-cran-glmnet. A ridge with b >= 0 is glmnet's own problem. The pull to the direction of a
# prior w is not: for a fixed strength k, with d = b - k w, it is a ridge on d with the offset k X w and the
# lower limits -k w, and the best k is found by a search over one number.

suppressPackageStartupMessages(library(glmnet))

text <- paste(readLines("precise.json"), collapse = "")
numbers <- function(pattern, text) {
  found <- regmatches(text, regexec(paste0(pattern, ": *\\[([^]]*)\\]"), text))[[1]][2]
  as.numeric(strsplit(found, ",")[[1]])
}
y <- numbers('"y"', text)
x <- matrix(numbers('"x"', text), length(y), byrow = TRUE)
w <- c(0.1, 0.3, 0.2, 0.3, 0.1)

loss <- function(a, b) {
  eta <- as.vector(a + x %*% b)
  mean(pmax(eta, 0) + log1p(exp(-abs(eta))) - y * eta)
}

fit <- function(lambda, offset, limits) {
  found <- glmnet(x, y, "binomial", alpha = 0, lambda = lambda, offset = offset, lower.limits = limits,
    standardize = FALSE, thresh = 1e-13, maxit = 1e6)
  list(a = as.numeric(found$a0), d = as.numeric(found$beta))
}

ridge <- function(lambda) {
  own <- fit(lambda, rep(0, length(y)), 0)
  list(objective = loss(own$a, own$d) + lambda / 2 * sum(own$d^2), coefficients = own$d)
}

drawn <- function(lambda) {
  at <- function(k) {
    own <- fit(lambda, as.vector(k * x %*% w), -k * w)
    list(objective = loss(own$a, own$d + k * w) + lambda / 2 * sum(own$d^2),
      coefficients = pmax(0, own$d + k * w))
  }
  at(optimize(function(k) at(k)$objective, c(0, 30), tol = 1e-9)$minimum)
}

number <- function(v) paste0("[", paste(sprintf("%.17g", as.numeric(v)), collapse = ", "), "]")
case <- function(name, found) {
  sprintf('"%s": {"objective": %.17g, "coefficients": %s}', name, found$objective, number(found$coefficients))
}
cases <- c(
  vapply(c(1e-1, 1e-2, 1e-3, 1e-5), function(l) case(sprintf("ridge_%g", l), ridge(l)), ""),
  vapply(c(1e-1, 1e-2, 1e-3), function(l) case(sprintf("drawn_%g", l), drawn(l)), "")
)
writeLines(c(
  "{",
  sprintf('"made_with": {"R": "%s", "glmnet": "%s"},', R.version.string, packageVersion("glmnet")),
  paste0('"cases": {', paste(cases, collapse = ",\n"), "}"), "}"
), "glmnet.json")
