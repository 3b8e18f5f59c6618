-- The snapshot table of a warehouse, made from the tables of the demo: a row per account and month end.
--
-- Plain SQL in the dialect of DuckDB 2.0; as a dbt model it is the same text with `ref(...)` in place of the
-- files. Run in this folder: duckdb -c ".read snapshots.sql"
--
-- `t` is the first moment after the day of the snapshot. A date without a time stands for the end of its
-- day, so that `day <= as_of` is `known before t`. Nothing that was known at t or later may stand in a row.

create temp macro demo(name) as '../../saas-demo/data/' || name;

-- Contract: ids trimmed, dates that are dates and not before 1900, accounts that exist, one row per record.

create temp table accounts as
select trim(account_id) as account_id, signup_date::date as signup_date, plan, region, arr::double as arr
from read_csv(demo('accounts.csv'), all_varchar = true);

create temp table usage as
select account_id, day, logins, minutes::decimal(18, 1) as minutes, features_used
from read_parquet(demo('usage.parquet'))
where day >= date '1900-01-01';

create temp table tickets as
select distinct trim(account_id) as account_id, ticket_id, try_cast(opened_at as timestamp) as opened_at,
  priority, csat::integer as csat, ingested_at::timestamp as ingested_at,
  superseded_at::timestamp as superseded_at
from read_csv(demo('tickets.csv.gz'), all_varchar = true)
where try_cast(opened_at as timestamp) < timestamp '2026-01-02';

create temp table invoices as
select distinct account_id, invoice_id, due_on::date as due_on, paid_on::date as paid_on,
  amount::decimal(18, 2) as amount
from read_csv(demo('invoices.csv.gz'), all_varchar = true)
where amount <> 'inf';

create temp table surveys as
select distinct account_id, response_id, try_cast(answered_at as timestamptz) at time zone 'UTC' as answered_at, nps
from read_json(demo('surveys.ndjson.gz'), format = 'newline_delimited',
  columns = {account_id: 'varchar', response_id: 'varchar', answered_at: 'varchar', nps: 'integer'})
where try_cast(answered_at as timestamptz) is not null;

create temp table meetings as
select account_id, held_on::date as held_on from read_csv(demo('meetings.csv.gz'), all_varchar = true);

create temp table comments as
select account_id, written_at::timestamp as written_at, sentiment::decimal(18, 2) as sentiment
from read_json(demo('comments.ndjson.gz'), format = 'newline_delimited',
  columns = {account_id: 'varchar', written_at: 'varchar', sentiment: 'double'})
where account_id is not null;

create temp table churn as
select account_id, "at"::date as churned_on, notice_on::date as notice_on
from read_csv(demo('outcomes.csv'), all_varchar = true)
where kind = 'churn';

-- Who is scored when: accounts that had begun and whose end was not known.

create temp table grid as
select a.account_id, m.as_of::date as as_of, (m.as_of + interval 1 day)::timestamp as t,
  a.signup_date, a.plan, a.region, a.arr, c.churned_on
from accounts a
cross join (
  select last_day(month) as as_of
  from range(timestamp '2024-03-01', timestamp '2026-01-01', interval 1 month) r(month)
) m
left join churn c using (account_id)
where a.signup_date <= m.as_of and (c.notice_on is null or c.notice_on > m.as_of);

-- One query per source; sums of decimals are exact, and divided once.

create temp table usage_at as
select g.account_id, g.as_of,
  sum(u.logins) filter (u.day > g.as_of - 28) as logins_28d,
  date_diff('day', max(u.day), g.as_of) as days_since_login,
  count(*) filter (u.day > g.as_of - 28) as active_days_28d,
  sum(u.features_used) filter (u.day > g.as_of - 28)::double
    / nullif(count(u.features_used) filter (u.day > g.as_of - 28), 0) as features_28d,
  sum(u.minutes) filter (u.day > g.as_of - 28)::double as minutes_28d,
  sum(u.minutes) filter (u.day > g.as_of - 56 and u.day <= g.as_of - 28)::double as minutes_28d_before
from grid g join usage u on u.account_id = g.account_id and u.day <= g.as_of
group by g.account_id, g.as_of;

create temp table tickets_at as
select g.account_id, g.as_of,
  sum(k.csat)::double / nullif(count(k.csat), 0) as csat_90d,
  count(*) filter (k.opened_at >= g.t - interval 30 day) as tickets_30d,
  count(*) filter (k.priority = 'P1') as p1_tickets_90d
from grid g join tickets k on k.account_id = g.account_id
  and k.opened_at >= g.t - interval 90 day and k.opened_at < g.t
  and k.ingested_at < g.t and (k.superseded_at is null or k.superseded_at >= g.t)
group by g.account_id, g.as_of;

create temp table invoices_at as
select g.account_id, g.as_of,
  count(*) filter (i.paid_on is null or i.paid_on > i.due_on) as late_invoices_180d,
  sum(i.amount) filter (i.due_on > g.as_of - 90)::double as billed_90d
from grid g join invoices i on i.account_id = g.account_id
  and i.due_on > g.as_of - 180 and i.due_on <= g.as_of
group by g.account_id, g.as_of;

create temp table surveys_at as
select g.account_id, g.as_of, arg_max(s.nps, s.answered_at) as nps_last
from grid g join surveys s on s.account_id = g.account_id
  and s.answered_at >= g.t - interval 365 day and s.answered_at < g.t
group by g.account_id, g.as_of;

create temp table comments_at as
select g.account_id, g.as_of, sum(c.sentiment)::double / count(c.sentiment) as sentiment_90d
from grid g join comments c on c.account_id = g.account_id
  and c.written_at >= g.t - interval 90 day and c.written_at < g.t
group by g.account_id, g.as_of;

create temp table meetings_at as
select g.account_id, g.as_of,
  count(*) filter (m.held_on > g.as_of - 90) as meetings_90d,
  date_diff('day', max(m.held_on), g.as_of) as days_since_meeting
from grid g join meetings m on m.account_id = g.account_id and m.held_on <= g.as_of
group by g.account_id, g.as_of;

-- Silence is 0 where the source has spoken long enough: usage counts only once the account is 28 days old.

create temp table snapshots as
select account_id, as_of, plan, region, arr,
  nps_last, csat_90d,
  case when signup_date <= as_of - 28 then coalesce(logins_28d, 0) end as logins_28d,
  days_since_login,
  case when signup_date <= as_of - 28 then coalesce(active_days_28d, 0) end as active_days_28d,
  features_28d,
  case when signup_date <= as_of - 56
    then coalesce(minutes_28d, 0) / nullif(coalesce(minutes_28d_before, 0), 0) end as usage_v_baseline,
  coalesce(tickets_30d, 0) as tickets_30d,
  coalesce(p1_tickets_90d, 0) as p1_tickets_90d,
  coalesce(late_invoices_180d, 0) as late_invoices_180d,
  coalesce(billed_90d, 0) as billed_90d,
  sentiment_90d,
  coalesce(meetings_90d, 0) as meetings_90d,
  days_since_meeting,
  date_diff('day', signup_date, as_of) as tenure,
  churned_on
from grid
left join usage_at using (account_id, as_of)
left join tickets_at using (account_id, as_of)
left join invoices_at using (account_id, as_of)
left join surveys_at using (account_id, as_of)
left join comments_at using (account_id, as_of)
left join meetings_at using (account_id, as_of)
order by as_of, account_id;

copy snapshots to 'snapshots.parquet' (format parquet, compression zstd);
