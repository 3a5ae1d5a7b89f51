with

needs as (
    select * from {{ ref('int_customer_next_needs') }}
),

antecedents as (
    select
        brand,
        horizon_days,
        antecedent,
        sum(occasions) as followed_n,
        sum(occasions * occasions) as followed_mm,
        count(case when occasions > 0 then 1 end) as followed_k
    from needs
    where antecedent is not null and consequent is null
    group by brand, horizon_days, antecedent
),

usual as (
    select
        brand,
        horizon_days,
        consequent,
        sum(followed) as occasions_before_consequent,
        max(case when consequent is null then sum(occasions) end) over (partition by brand, horizon_days) as occasions
    from needs
    where antecedent is null
    group by brand, horizon_days, consequent
),

pairs as (
    select
        brand,
        horizon_days,
        antecedent,
        consequent,
        sum(followed) as followed_sum,
        sum(followed * followed) as followed_ss,
        sum(followed * occasions) as followed_sm
    from needs
    where antecedent is not null and consequent is not null
    group by brand, horizon_days, antecedent, consequent
),

rules as (
    select
        pairs.*,
        usual.occasions,
        antecedents.followed_n,
        antecedents.followed_mm,
        antecedents.followed_k,
        usual.occasions_before_consequent,
        {{ quotient('pairs.followed_sum', 'usual.occasions') }} as support_share,
        {{ quotient('pairs.followed_sum', 'antecedents.followed_n') }} as confidence_share,
        {{ quotient('antecedents.followed_n', 'usual.occasions') }} as antecedent_share,
        {{ quotient('usual.occasions_before_consequent', 'usual.occasions') }} as consequent_share
    from pairs
    inner join antecedents
        on
            pairs.brand = antecedents.brand
            and pairs.horizon_days = antecedents.horizon_days
            and pairs.antecedent = antecedents.antecedent
    inner join usual
        on
            pairs.brand = usual.brand
            and pairs.horizon_days = usual.horizon_days
            and pairs.consequent = usual.consequent
),

bounded as (
    select
        rules.*,
        {{ person_mean_bound('followed', '-') }} as confidence_lower,
        {{ person_mean_bound('followed', '+', most=1) }} as confidence_upper
    from rules
)

select
    brand,
    horizon_days,
    antecedent,
    consequent,
    cast(occasions as bigint) as occasions,
    cast(followed_n as bigint) as occasions_with_antecedent,
    cast(followed_k as bigint) as customers,
    cast(occasions_before_consequent as bigint) as occasions_before_consequent,
    cast(followed_sum as bigint) as occasions_followed,
    {{ published('support_share', 'occasions') }} as support,
    {{ published('consequent_share', 'occasions') }} as consequent_support,
    {{ published('confidence_share', 'followed_n') }} as confidence,
    confidence_lower,
    confidence_upper,
    {{ published('confidence_share / nullif(consequent_share, 0)', 'followed_n') }} as lift,
    {{ published('confidence_lower / nullif(consequent_share, 0)', 'followed_n') }} as lift_lower,
    {{ published('confidence_upper / nullif(consequent_share, 0)', 'followed_n') }} as lift_upper,
    {{ published('support_share - antecedent_share * consequent_share', 'followed_n') }} as leverage,
    {{ published('(1 - consequent_share) / nullif(1 - confidence_share, 0)', 'followed_n') }} as conviction
from bounded
