{{ config(tags=['model']) }}
-- a touch has an episode exactly when its person is known
with

touches as (
    select * from {{ ref('fct_touchpoints') }}
    {{ where_changed_since_publication([ref('fct_touchpoints')]) }}
)

select
    touch_key,
    customer_id,
    episode_key
from touches
where (customer_id is null) <> (episode_key is null)
