# Intervals of the weights of an unpenalised fit, by glm and sandwich.
#
#   Rscript make.R        in this folder; writes intervals.json beside itself
#
# Debian packages: r-base-core r-cran-sandwich. A weight is the share of its coefficient in their sum, in
# percent; its error comes from the account-clustered sandwich (HC0, times G / (G - 1)) by the delta
# method. Inputs come from the generator below, so that they are the same in every version.

suppressPackageStartupMessages(library(sandwich))

# Lehmer generator of Park and Miller; all products are exact in doubles.
state <- 20240101
uniform <- function(n) {
  vapply(seq_len(n), function(i) {
    state <<- (16807 * state) %% 2147483647
    state / 2147483647
  }, 0)
}

# JSON with 17 digits.
json <- function(x) paste0("[", paste(sprintf("%.17g", as.numeric(x)), collapse = ", "), "]")

rows <- do.call(rbind, lapply(0:179, function(account) {
  quality <- uniform(1)
  months <- 4 + floor(8 * uniform(1))
  x <- matrix(round(100 * (0.5 * quality + 0.5 * uniform(3 * months)), 3), months)
  own <- 0.8 * uniform(1)
  risk <- 1 / (1 + exp(-(0.6 + own - 2.5 * x[, 1] / 100 - 1.5 * x[, 2] / 100 - 1.2 * x[, 3] / 100)))
  y <- as.numeric(uniform(months) < risk)
  data.frame(account, month = seq_len(months) - 1, a = x[, 1], b = x[, 2], c = x[, 3], y)
}))
control <- glm.control(epsilon = 1e-15, maxit = 100)
fit <- glm(y ~ I(a / 100) + I(b / 100) + I(c / 100), binomial, rows, control = control)
covariance <- vcovCL(fit, cluster = rows$account, type = "HC0", cadjust = TRUE)[-1, -1]
b <- -coef(fit)[-1]
stopifnot(all(b > 0.3))
weight <- 100 * b / sum(b)
slope <- 100 * (diag(3) / sum(b) - outer(b, rep(1, 3)) / sum(b)^2)
error <- sqrt(diag(slope %*% covariance %*% t(slope)))

packages <- sprintf('{"R": "%s", "sandwich": "%s"}', R.version.string, packageVersion("sandwich"))
columns <- vapply(names(rows), function(name) paste0('"', name, '": ', json(rows[[name]])), "")
expected <- sprintf('{"weight": %s, "error": %s}', json(weight), json(error))
writeLines(c(
  "{", paste0('"made_with": ', packages, ","), paste0('"rows": {', paste(columns, collapse = ",\n"), "},"),
  paste0('"expected": ', expected), "}"
), "intervals.json")
