with

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

channels as (
    select channel
    from {{ ref('channel_map') }}
    union
    select 'unknown' as channel
),

rates as (
    select * from {{ ref('labour_rates') }}
),

-- a row for the brand beats one for the channel, which beats the row for all ('*')
ranked as (
    select
        horizons.brand,
        horizons.currency,
        channels.channel,
        rates.rate_per_hour,
        rates.usual_minutes,
        row_number() over (
            partition by horizons.brand, channels.channel
            order by
                case when rates.brand = '*' then 1 else 0 end,
                case when rates.channel = '*' then 1 else 0 end
        ) as precedence
    from horizons
    cross join channels
    inner join rates
        on
            rates.brand in (horizons.brand, '*')
            and rates.channel in (channels.channel, '*')
)

select
    brand,
    channel,
    rate_per_hour,
    usual_minutes,
    currency
from ranked
where precedence = 1
