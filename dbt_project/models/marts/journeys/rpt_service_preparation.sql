with

-- where no case of the brand was ever looked up, nobody records it
months as (
    select
        *,
        kind <> 'record_viewed' or sum(viewed_ever) over (partition by brand) > 0 as is_recorded
    from {{ ref('int_preparation_months') }}
)

select
    brand,
    period_month,
    unit_type,
    unit_id,
    kind,
    required,
    judged,
    case when is_recorded then prepared end as prepared,
    case when is_recorded then {{ ratio('prepared', 'judged') }} end as prepared_share,
    case when is_recorded then {{ wilson_lower('prepared', 'judged') }} end as prepared_share_lower,
    case when is_recorded then {{ wilson_upper('prepared', 'judged') }} end as prepared_share_upper
from months
