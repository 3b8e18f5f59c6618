# Expected values of chs-stats by the reference implementations in R.
#
#   Rscript make.R        in this folder; writes discrimination.json, delong.json, logistic.json,
#                         proportions.json, decline.json, smooth.json, means.json, updates.json
#                         beside itself
#
# Debian packages: r-base-core r-cran-survival r-cran-proc r-cran-sandwich r-cran-rms.
# Inputs come from the generator below, not from R's, so that they are the same in every version.
# A higher predictor announces label 1 everywhere.

suppressPackageStartupMessages({
  library(survival)
  library(pROC)
  library(sandwich)
  library(rms)
})

# Lehmer generator of Park and Miller; all products are exact in doubles.
state <- 1
seed <- function(value) state <<- value
uniform <- function(n) {
  vapply(seq_len(n), function(i) {
    state <<- (16807 * state) %% 2147483647
    state / 2147483647
  }, 0)
}
integers <- function(n, below) floor(uniform(n) * below)

# Degrees of freedom of a sum of squares of the accounts' pulls, with its variance from the pulls themselves.
effective <- function(pull) {
  pull <- pull[pull != 0]
  squares <- sum(pull^2)
  rest <- sum(pull^4) - squares^2 / length(pull)
  min(max(2 * squares^2 / rest, 1), length(pull) - 1)
}

# JSON with 17 digits (jsonlite writes 15). Named lists are objects, unnamed ones and vectors arrays;
# I(x) keeps a vector of length one an array.
json <- function(x) {
  if (is.list(x)) {
    inner <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(inner, collapse = ", "), "]"))
    return(paste0("{", paste0('"', names(x), '": ', inner, collapse = ", "), "}"))
  }
  text <- if (is.character(x)) paste0('"', x, '"') else sprintf("%.17g", as.numeric(x))
  if (length(x) == 1 && !inherits(x, "AsIs")) text else paste0("[", paste(text, collapse = ", "), "]")
}
version <- function(package) as.character(packageVersion(package))
write_json <- function(name, packages, cases) {
  header <- c(list(R = R.version.string), setNames(lapply(packages, version), packages))
  lines <- vapply(names(cases), function(case) paste0('"', case, '": ', json(cases[[case]])), "")
  writeLines(c("{", paste0('"made_with": ', json(header), ","), paste(lines, collapse = ",\n"), "}"), name)
}

# ---------------------------------------------------------------------------------------------
# AUC, clustered by account. `accounts` accounts with uneven histories; predictor on `levels` values.
panel <- function(start, accounts, strata, levels) {
  seed(start)
  rows <- do.call(rbind, lapply(seq_len(accounts) - 1, function(account) {
    quality <- uniform(1)
    first <- integers(1, strata)
    last <- min(strata - 1, first + integers(1, strata))
    snapshots <- first:last
    n <- length(snapshots)
    risk <- 0.6 * quality + 0.4 * uniform(n)
    x <- if (is.na(levels)) risk else floor(risk * levels) / 4
    z <- 0.5 * risk + 0.5 * uniform(n)
    y <- as.numeric(uniform(n) < 0.75 * risk^2)
    data.frame(cluster = account, stratum = snapshots, x = x, z = z, y = y)
  }))
  rows[rows$stratum == strata - 1, "y"] <- 0 # the last snapshot has one class only
  rows
}
auc <- function(rows) {
  pooled <- concordance(y ~ x, data = rows, cluster = cluster)
  within <- concordance(y ~ x + strata(stratum), data = rows, cluster = cluster)
  list(
    cluster = rows$cluster, stratum = rows$stratum, label = rows$y, predictor = rows$x,
    pooled = list(estimate = pooled$concordance, variance = pooled$var),
    within = list(estimate = within$concordance, variance = within$var)
  )
}
tied <- panel(11, 45, 7, 9)
few_accounts <- panel(12, 6, 12, 6)
untied <- panel(13, 40, 6, NA)
# One row per account.
seed(14)
single <- data.frame(cluster = 0:59, stratum = integers(60, 3), x = integers(60, 12))
single$y <- as.numeric(uniform(60) < 0.15 + single$x / 20)

# Paired difference. concordance() on fitted lm: no ties and a positive slope, or the fitted values
# are not the order of the predictor.
first <- lm(y ~ x, data = untied)
second <- lm(y ~ z, data = untied)
stopifnot(coef(first)[2] > 0, coef(second)[2] > 0, !anyDuplicated(untied$x), !anyDuplicated(untied$z))
both <- concordance(first, second, cluster = untied$cluster)
covariance <- vcov(both)
difference <- list(
  cluster = untied$cluster, label = untied$y, first = untied$x, second = untied$z,
  estimates = unname(coef(both)),
  estimate = unname(coef(both)[1] - coef(both)[2]),
  variance = covariance[1, 1] + covariance[2, 2] - 2 * covariance[1, 2]
)
pull <- function(formula) {
  tapply(concordance(formula, data = untied, influence = 1)$dfbeta, untied$cluster, sum)
}
difference$degrees <- effective(pull(y ~ x) - pull(y ~ z))
difference$p_value <- 2 * pt(-abs(difference$estimate / sqrt(difference$variance)), difference$degrees)
write_json("discrimination.json", "survival", list(
  tied = auc(tied), few_accounts = auc(few_accounts), untied = auc(untied), single = auc(single),
  difference = difference
))

# ---------------------------------------------------------------------------------------------
# DeLong: every account occurs once.
seed(21)
n <- 70
truth <- as.numeric(uniform(n) < 0.4)
one <- integers(n, 10) + 3 * truth
two <- uniform(n) + 0.3 * truth
roc_one <- roc(truth, one, direction = "<", levels = c(0, 1), quiet = TRUE)
roc_two <- roc(truth, two, direction = "<", levels = c(0, 1), quiet = TRUE)
write_json("delong.json", "pROC", list(delong = list(
  label = truth, first = one, second = two,
  first_auc = as.numeric(pROC::auc(roc_one)), second_auc = as.numeric(pROC::auc(roc_two)),
  first_variance = pROC::var(roc_one, method = "delong"),
  second_variance = pROC::var(roc_two, method = "delong"),
  covariance = pROC::cov(roc_one, roc_two, method = "delong")
)))

# ---------------------------------------------------------------------------------------------
# Logistic regression. glm keeps the working weights of the step before the last: fit again from the
# solution before the sandwich is taken.
fit <- function(formula, data) {
  control <- glm.control(epsilon = 1e-15, maxit = 100)
  rough <- glm(formula, family = binomial, data = data, control = control)
  start <- coef(rough)
  glm(formula, family = binomial, data = data, control = control, start = start)
}
clustered <- function(model, cluster) {
  unname(vcovCL(model, cluster = cluster, type = "HC0", cadjust = TRUE))
}
seed(31)
accounts <- 0:39
cluster <- rep(accounts, 1 + integers(40, 6))
n <- length(cluster)
account_risk <- uniform(40)
p <- round(pmin(pmax(0.6 * account_risk[cluster + 1] + 0.5 * uniform(n) - 0.1, 0.02), 0.98), 2)
p[1:3] <- c(1e-9, 0.9999, 0.5)
y <- as.numeric(uniform(n) < 0.15 + 0.6 * p)
calibration <- data.frame(cluster, p, y, logit = qlogis(p))
slope <- fit(y ~ logit, calibration)
intercept <- fit(y ~ 1 + offset(logit), calibration)

seed(32)
n <- 90
regression <- data.frame(
  cluster = integers(n, 25), first = 40 + integers(n, 60), second = uniform(n) - 0.5,
  weights = integers(n, 4)
)
regression$y <- as.numeric(uniform(n) < plogis(3 - 0.05 * regression$first + 2 * regression$second))
copies <- regression[rep(seq_len(n), regression$weights), ]
plain <- fit(y ~ first + second, regression)
copied <- fit(y ~ first + second, copies)
answer <- function(model, cluster) {
  covariance <- clustered(model, cluster)
  list(
    coefficients = unname(coef(model)), log_likelihood = as.numeric(logLik(model)),
    covariance = lapply(seq_len(nrow(covariance)), function(i) covariance[i, ])
  )
}
write_json("logistic.json", "sandwich", list(
  calibration = list(
    cluster = cluster, probability = p, label = y,
    slope = unname(coef(slope)[2]), slope_error = sqrt(clustered(slope, cluster)[2, 2]),
    intercept = unname(coef(intercept)), intercept_error = sqrt(clustered(intercept, cluster)[1, 1])
  ),
  regression = list(
    cluster = regression$cluster, first = regression$first, second = regression$second,
    label = regression$y, weights = regression$weights,
    plain = answer(plain, regression$cluster), weighted = answer(copied, copies$cluster)
  )
))

# ---------------------------------------------------------------------------------------------
# Proportions: Jeffreys limits, clustered variance of a rate and of a difference, type-7 quantiles.
counts <- list(c(0, 10), c(1, 10), c(10, 10), c(9, 10), c(3, 57), c(2.5, 7.3), c(0.2, 3), c(30, 200),
               c(1, 1), c(431.7, 5210.4), c(1, 20000), c(19990, 20000))
jeffreys <- unlist(lapply(c(0.8, 0.95), function(level) lapply(counts, function(count) {
  tail <- (1 - level) / 2
  limits <- qbeta(c(tail, 1 - tail), count[1] + 0.5, count[2] - count[1] + 0.5)
  if (count[1] == 0) limits[1] <- 0
  if (count[1] == count[2]) limits[2] <- 1
  list(events = count[1], n = count[2], level = level, limits = limits)
})), recursive = FALSE)

seed(41)
cluster <- rep(0:29, 1 + integers(30, 8))
n <- length(cluster)
risk <- uniform(30)
group <- as.numeric(uniform(n) < 0.4)
y <- as.numeric(uniform(n) < 0.5 * risk[cluster + 1] + 0.2 * group)
robust <- function(model, cluster) vcovCL(model, cluster = cluster, type = "HC0", cadjust = TRUE)
alone <- lm(y ~ 1)
between <- lm(y ~ group)
rate_variance <- robust(alone, cluster)[1, 1]
rate <- mean(y)
design <- max(1, rate_variance / (rate * (1 - rate) / n))
error <- sqrt(robust(between, cluster)[2, 2])
# Few accounts leave the variance open: it is taken larger by the square of t over z.
residuals_by_account <- tapply(residuals(alone), cluster, sum)
wide <- max(1, rate_variance / (rate * (1 - rate) / n) *
  (qt(0.975, effective(residuals_by_account)) / qnorm(0.975))^2)
pulls <- rowsum(estfun(between), cluster) %*% bread(between)
degrees <- effective(pulls[, 2])
values <- sort(uniform(23))
write_json("proportions.json", "sandwich", list(
  jeffreys = jeffreys,
  clustered = list(
    cluster = cluster, label = y, group = group, rate = rate, design_effect = design,
    limits = qbeta(c(0.025, 0.975), sum(y) / wide + 0.5, (n - sum(y)) / wide + 0.5),
    difference = unname(coef(between)[2]), difference_error = error,
    degrees = degrees, p_value = unname(2 * pt(-abs(coef(between)[2] / error), degrees))
  ),
  quantiles = list(
    values = values, at = c(0, 0.025, 0.1, 0.5, 0.77, 0.975, 1),
    expected = unname(quantile(values, c(0, 0.025, 0.1, 0.5, 0.77, 0.975, 1), type = 7))
  ),
  detectable = list(
    positives = 31, negatives = 402, level = 0.95, power = 0.8,
    distance = (qnorm(0.975) + qnorm(0.8)) * sqrt((31 + 402 + 1) / (12 * 31 * 402))
  )
))

# ---------------------------------------------------------------------------------------------
# Decline of the AUC from the first snapshots to the last: influences of each account on either side.
decline <- function(rows, until) {
  side <- function(kept) {
    found <- concordance(y ~ x, data = rows[kept, ], influence = 1)
    list(auc = found$concordance, pull = tapply(found$dfbeta, rows$cluster[kept], sum))
  }
  before <- side(rows$stratum <= until)
  after <- side(rows$stratum > until)
  accounts <- as.character(unique(rows$cluster))
  pull <- function(side) ifelse(is.na(side$pull[accounts]), 0, side$pull[accounts])
  pulls <- pull(before) - pull(after)
  error <- sqrt(sum(pulls^2))
  degrees <- effective(pulls)
  estimate <- before$auc - after$auc
  list(
    cluster = rows$cluster, stratum = rows$stratum, label = rows$y, predictor = rows$x, until = until,
    estimate = estimate, error = error, degrees = degrees, p_value = pt(-estimate / error, degrees)
  )
}
write_json("decline.json", "survival", list(
  tied = decline(panel(51, 60, 8, 9), 3), untied = decline(panel(52, 50, 6, NA), 2)
))

# ---------------------------------------------------------------------------------------------
# Smooth curves. Rows are sorted by x and y: where x ties, `lowess` depends on their order.
smooth_case <- function(start, n, digits, fraction, delta) {
  seed(start)
  x <- round(10 * uniform(n)^2, digits)
  y <- round(sin(x) + uniform(n), 6)
  sorted <- order(x, y)
  found <- lowess(x[sorted], y[sorted], f = fraction, iter = 0, delta = delta)
  list(x = x[sorted], y = y[sorted], fraction = fraction, delta = delta, smooth = found$y)
}
val_prob_case <- function(start, n, digits) {
  seed(start)
  p <- pmin(pmax(round(uniform(n)^2, digits), 10^-digits), 1 - 10^-digits)
  y <- as.numeric(uniform(n) < 0.05 + 0.8 * p^1.3)
  sorted <- order(p, y)
  p <- p[sorted]
  y <- y[sorted]
  found <- val.prob(p, y, pl = FALSE)
  smooth <- lowess(p, y, iter = 0)$y
  list(
    probability = p, label = y, smooth = smooth, mean = unname(found["Eavg"]),
    median = unname(quantile(abs(p - smooth), 0.5)), ninth_decile = unname(found["E90"]),
    maximum = unname(found["Emax"])
  )
}
write_json("smooth.json", "rms", list(
  lowess = list(
    smooth_case(61, 80, 9, 2 / 3, 0), smooth_case(62, 200, 9, 0.3, 0.2), smooth_case(63, 150, 1, 0.5, 0.05),
    smooth_case(64, 60, 0, 0.2, 0), smooth_case(65, 12, 9, 0.05, 0), smooth_case(66, 300, 2, 1, 1)
  ),
  val_prob = list(
    val_prob_case(71, 300, 9), val_prob_case(72, 400, 2), val_prob_case(73, 250, 1), val_prob_case(74, 40, 9)
  )
))

# ---------------------------------------------------------------------------------------------
# A mean clustered by account, with its t test; and the difference of two log losses.
mean_case <- function(values, cluster) {
  model <- lm(values ~ 1)
  error <- sqrt(robust(model, cluster)[1, 1])
  degrees <- length(unique(cluster)) - 1
  estimate <- unname(coef(model))
  list(
    estimate = estimate, error = error, degrees = degrees,
    limits = estimate + qt(c(0.025, 0.975), degrees) * error, p_value = 2 * pt(-abs(estimate / error), degrees)
  )
}
seed(81)
cluster <- rep(0:24, 1 + integers(25, 9))
n <- length(cluster)
values <- round(uniform(25)[cluster + 1] + uniform(n) - 0.8, 6)
first <- round(0.05 + 0.9 * uniform(n), 4)
second <- round(pmin(pmax(first + 0.2 * (uniform(n) - 0.5), 0.01), 0.99), 4)
y <- as.numeric(uniform(n) < first)
loss <- function(p) ifelse(y == 1, -log(p), -log1p(-p))
write_json("means.json", "sandwich", list(
  mean = c(list(cluster = cluster, values = values), mean_case(values, cluster)),
  loss = c(
    list(cluster = cluster, label = y, first = first, second = second),
    mean_case(loss(first) - loss(second), cluster)
  )
))

# ---------------------------------------------------------------------------------------------
# Closed testing of updates: clustered Wald tests in one fit about the old model.
update_case <- function(start, accounts, intercept, slope, extra) {
  seed(start)
  cluster <- rep(seq_len(accounts) - 1, 1 + integers(accounts, 8))
  n <- length(cluster)
  logit <- round(2 * uniform(accounts)[cluster + 1] + 2 * uniform(n) - 2.5, 6)
  first <- round(uniform(n) - 0.5, 6)
  second <- integers(n, 5)
  y <- as.numeric(uniform(n) < plogis(intercept + slope * logit + extra * first))
  data <- data.frame(y, logit, first, second)
  model <- fit(y ~ logit + first + second + offset(logit), data)
  covariance <- clustered(model, cluster)
  test <- function(terms) {
    b <- coef(model)[terms]
    statistic <- sum(b * solve(covariance[terms, terms], b)) / length(terms)
    list(statistic = statistic, p_value = pf(statistic, length(terms), accounts - 1, lower.tail = FALSE))
  }
  list(
    cluster = cluster, logit = logit, first = first, second = second, label = y,
    keep = test(1:4), intercept = test(2:4), slope = test(3:4)
  )
}
write_json("updates.json", "sandwich", list(
  holds = update_case(91, 120, 0, 1, 0), moved = update_case(92, 150, 0.8, 1, 0),
  flat = update_case(93, 200, 0.2, 0.4, 0), other = update_case(94, 200, 0, 1, 2)
))
