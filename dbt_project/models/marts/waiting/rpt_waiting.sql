{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_waits'}],
    indexes=[{'columns': ['period_month']}],
) }}
{%- set landmark = var('wait_landmark_seconds') -%}
{%- set groups = ['told_abandoned', 'told_waiting', 'untold_abandoned', 'untold_waiting'] -%}
with

waits as (
    select
        *,
        is_answered and quoted_wait_seconds is not null as is_quote_judged,
        -- who took up a callback left the queue served, not lost
        wait_seconds > {{ landmark }} and not is_callback_accepted as is_at_landmark,
        coalesce(told_after_seconds <= {{ landmark }}, false) as is_told_by_landmark
    from {{ ref('int_waits') }}
    {{ where_changed() }}
),

cells as (
    select
        brand,
        source,
        case when grouping(queue_id) = 1 then 'all' else coalesce(queue_id, 'unknown') end as queue_id,
        period_month,
        count(*) as waits,
        count(told_after_seconds) as told,
        sum(case when is_quote_judged then 1 else 0 end) as quotes_judged,
        sum(case when is_quote_judged and wait_seconds <= quoted_wait_seconds then 1 else 0 end) as quotes_kept,
        coalesce(sum(case when is_quote_judged then wait_seconds - quoted_wait_seconds end), 0) as quote_error_seconds,
        sum(case when is_callback_offered then 1 else 0 end) as callbacks_offered,
        sum(case when is_callback_accepted then 1 else 0 end) as callbacks_accepted,
        count(is_callback_kept) as callbacks_due,
        sum(case when is_callback_kept then 1 else 0 end) as callbacks_kept,
        sum(case when is_at_landmark and is_told_by_landmark then 1 else 0 end) as told_waiting,
        sum(case when is_at_landmark and is_told_by_landmark and not is_answered then 1 else 0 end) as told_abandoned,
        sum(case when is_at_landmark and not is_told_by_landmark then 1 else 0 end) as untold_waiting,
        sum(case when is_at_landmark and not is_told_by_landmark and not is_answered then 1 else 0 end) as untold_abandoned
    from waits
    group by brand, source, period_month, grouping sets ((queue_id), ())
)

select
    brand,
    source,
    queue_id,
    period_month,
    waits,
    told,
    quotes_judged,
    quotes_kept,
    cast(quote_error_seconds as bigint) as quote_error_seconds,
    callbacks_offered,
    callbacks_accepted,
    callbacks_due,
    callbacks_kept,
    told_waiting,
    told_abandoned,
    untold_waiting,
    untold_abandoned,
    -- without a single notice nobody can say whether none was given or none is recorded
    {{ ratio('nullif(told, 0)', 'waits') }} as told_share,
    {{ ratio('quotes_kept', 'quotes_judged') }} as quote_kept_share,
    {{ wilson_lower('quotes_kept', 'quotes_judged') }} as quote_kept_share_lower,
    {{ wilson_upper('quotes_kept', 'quotes_judged') }} as quote_kept_share_upper,
    {{ ratio('quote_error_seconds', 'quotes_judged') }} as mean_quote_error_seconds,
    {{ ratio('callbacks_kept', 'callbacks_due') }} as callback_kept_share,
    {{ wilson_lower('callbacks_kept', 'callbacks_due') }} as callback_kept_share_lower,
    {{ wilson_upper('callbacks_kept', 'callbacks_due') }} as callback_kept_share_upper,
    {{ ratio('told_abandoned', 'told_waiting') }} as told_abandonment_share,
    {{ ratio('untold_abandoned', 'untold_waiting') }} as untold_abandonment_share,
    {{ share_difference(*groups) }} as abandonment_difference,
    {{ share_difference_lower(*groups) }} as abandonment_difference_lower,
    {{ share_difference_upper(*groups) }} as abandonment_difference_upper,
    {{ landmark }} as landmark_seconds
from cells
