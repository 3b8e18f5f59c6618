# Constrained fits by glmnet: signs, offset, and a pull to a prior.
#
#   Rscript glmnet.R        in this folder; writes glmnet.json beside itself
#
# Debian packages: r-base-core r-cran-glmnet. A ridge with signs is glmnet's own problem (alpha = 0,
# lower.limits = 0). The pull to a prior w is not, but for a strength k that is held it is: with b = k w + c
# the penalty is that of c, the prior's part k X w is an offset, and b >= 0 is c >= -k w, a lower limit.
# The least over k >= 0 of what glmnet finds is the optimum; it lies where the derivative by k,
# -lambda w.c, is zero, since the problem is convex. Every fit ends at thresh = 1e-14.

suppressPackageStartupMessages(library(glmnet))
glmnet.control(fdev = 0, devmax = 1, epsnr = 1e-12, mxitnr = 1000)

# Lehmer generator of Park and Miller; all products are exact in doubles.
state <- 20250607
uniform <- function(n) {
  vapply(seq_len(n), function(i) {
    state <<- (16807 * state) %% 2147483647
    state / 2147483647
  }, 0)
}

rows <- function(count, truth, intercept) {
  x <- t(vapply(seq_len(count), function(i) {
    round(0.4 * uniform(1) + 0.6 * uniform(length(truth)), 4)
  }, truth))
  y <- as.numeric(uniform(count) < 1 / (1 + exp(-(intercept + x %*% truth))))
  list(x = x, y = y, weight = 1 + floor(3 * uniform(count)))
}

objective <- function(data, a, b, lambda, off) {
  eta <- a + as.vector(data$x %*% b)
  loss <- pmax(eta, 0) + log1p(exp(-abs(eta))) - data$y * eta
  sum(data$weight * loss) / sum(data$weight) + lambda / 2 * sum(off^2)
}

# The fit around a held part k w of the coefficients.
held <- function(data, lambda, prior, k) {
  limits <- -k * prior
  path <- if (lambda > 0) lambda * c(100, 10, 1) else c(0.1, 0.001, 0)
  fit <- glmnet(data$x, data$y, "binomial", weights = data$weight, offset = k * as.vector(data$x %*% prior),
    alpha = 0, lambda = path, lower.limits = limits, standardize = FALSE, thresh = 1e-14, maxit = 1e6)
  last <- length(fit$lambda)
  stopifnot(last == 3, fit$jerr == 0)
  c <- as.vector(fit$beta[, last])
  list(a = fit$a0[[last]], b = pmax(k * prior + c, 0), off = c)
}

solve_case <- function(data, lambda, prior) {
  if (all(prior == 0) || lambda == 0) {
    k <- 0
    prior <- 0 * prior
  } else {
    slope <- function(k) -sum(prior * held(data, lambda, prior, k)$off)
    # From the fit without a pull; far above its strength this glmnet never returns.
    free <- held(data, 0, 0 * prior, 0)$b
    k <- sum(free * prior) / sum(prior^2)
    k <- uniroot(slope, k * c(0.7, 1.02), tol = 1e-12, extendInt = "no")$root
  }
  found <- held(data, lambda, prior, k)
  list(objective = objective(data, found$a, found$b, lambda, found$off), a = found$a, b = found$b, k = k)
}

number <- function(v) paste0("[", paste(sprintf("%.17g", as.numeric(v)), collapse = ", "), "]")

sets <- list(
  five = rows(300, c(2.4, 1.2, 0.6, 0.0, -1.0), -2.2),
  eight = rows(500, c(1.8, 1.5, 0, 0.9, -0.6, 0.4, 0, -1.2), -2.6)
)
priors <- list(
  five = list(none = rep(0, 5), even = rep(1, 5), uneven = c(0.1, 0.3, 0.2, 0.3, 0.1)),
  eight = list(none = rep(0, 8), uneven = c(0.3, 0.05, 0.05, 0.2, 0.1, 0, 0.2, 0.1))
)
cases <- c()
for (set in names(sets)) for (prior in names(priors[[set]])) for (lambda in c(0, 1e-4, 1e-3, 1e-2, 1e-1)) {
  if (lambda == 0 && prior != "none") next
  own <- priors[[set]][[prior]]
  found <- solve_case(sets[[set]], lambda, own)
  name <- sprintf("%s_%s_%g", set, prior, lambda)
  cat(name, found$objective, found$k, "\n")
  cases <- c(cases, sprintf(
    '"%s": {"rows": "%s", "lambda": %.17g, "prior": %s, "objective": %.17g, "intercept": %.17g, "coefficients": %s, "strength": %.17g}',
    name, set, lambda, number(own), found$objective, found$a, number(found$b), found$k))
}
data <- vapply(names(sets), function(set) with(sets[[set]], sprintf(
  '"%s": {"x": %s, "y": %s, "weight": %s}', set, number(t(x)), number(y), number(weight))), "")
packages <- sprintf('{"R": "%s", "glmnet": "%s"}', R.version.string, packageVersion("glmnet"))
writeLines(c("{", paste0('"made_with": ', packages, ","),
  paste0('"rows": {', paste(data, collapse = ",\n"), "},"),
  paste0('"cases": {', paste(cases, collapse = ",\n"), "}"), "}"), "glmnet.json")
