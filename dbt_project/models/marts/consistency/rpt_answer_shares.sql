with

answers as (
    select * from {{ ref('int_answer_mix') }}
)

select
    brand,
    period,
    issue_code,
    channel,
    resolution_code,
    n as cases,
    channel_cases,
    {{ share_with_interval('share', 'n', 'channel_cases') }},
    is_compared
from answers
