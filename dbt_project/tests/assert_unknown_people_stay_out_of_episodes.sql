{{ config(tags=['model']) }}
-- a touch has an episode exactly when its person is known
select
    touch_key,
    customer_id,
    episode_key
from {{ ref('fct_touchpoints') }}
where (customer_id is null) <> (episode_key is null)
