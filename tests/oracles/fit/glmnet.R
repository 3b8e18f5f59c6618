# Expected values of the fit by glmnet: lower limits, and the pull to a prior by way of an offset.
#
#   Rscript glmnet.R        in this folder; writes glmnet.json beside itself
#
# Debian package: r-cran-glmnet. A ridge with b >= 0 is glmnet's own problem. The pull to the direction of a
# prior w is not: for a fixed strength k, with d = b - k w, it is a ridge on d with the offset k X w and the
# lower limits -k w, and the best k is found by a search over one number. Inputs come from the generator
# below, so that they are the same in every version.

suppressPackageStartupMessages(library(glmnet))

# Lehmer generator of Park and Miller; all products are exact in doubles.
state <- 20260101
uniform <- function(n) {
  vapply(seq_len(n), function(i) {
    state <<- (16807 * state) %% 2147483647
    state / 2147483647
  }, 0)
}

rows <- 400
truth <- c(2.4, 1.2, 0.6, 0.0, -1.0)
common <- uniform(rows)
x <- round(0.4 * common + 0.6 * matrix(uniform(rows * length(truth)), rows), 5)
y <- as.numeric(uniform(rows) < 1 / (1 + exp(-(x %*% truth - 2.2))))

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
  own <- fit(lambda, rep(0, rows), 0)
  list(objective = loss(own$a, own$d) + lambda / 2 * sum(own$d^2), intercept = own$a, coefficients = own$d)
}

drawn <- function(lambda, w) {
  at <- function(k) {
    own <- fit(lambda, as.vector(k * x %*% w), -k * w)
    list(objective = loss(own$a, own$d + k * w) + lambda / 2 * sum(own$d^2), intercept = own$a,
      coefficients = pmax(0, own$d + k * w))
  }
  at(optimize(function(k) at(k)$objective, c(0, 30), tol = 1e-9)$minimum)
}

number <- function(v) paste0("[", paste(sprintf("%.17g", as.numeric(v)), collapse = ", "), "]")
case <- function(name, lambda, prior, found) {
  sprintf('"%s": {"lambda": %.17g, "prior": %s, "objective": %.17g, "intercept": %.17g, "coefficients": %s}',
    name, lambda, number(prior), found$objective, found$intercept, number(found$coefficients))
}
none <- rep(0, 5)
w <- c(0.1, 0.3, 0.2, 0.3, 0.1)
cases <- c(
  vapply(c(1e-1, 1e-2, 1e-3, 1e-5), function(l) case(sprintf("ridge_%g", l), l, none, ridge(l)), ""),
  vapply(c(1e-1, 1e-2, 1e-3), function(l) case(sprintf("drawn_%g", l), l, w, drawn(l, w)), "")
)
writeLines(c(
  "{",
  sprintf('"made_with": {"R": "%s", "glmnet": "%s"},', R.version.string, packageVersion("glmnet")),
  paste0('"x": ', number(t(x)), ","), paste0('"y": ', number(y), ","),
  paste0('"cases": {', paste(cases, collapse = ",\n"), "}"), "}"
), "glmnet.json")
