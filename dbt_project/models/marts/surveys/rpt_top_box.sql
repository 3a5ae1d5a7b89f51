with

survey_counts as (
    select * from {{ ref('int_survey_counts') }}
    where survey_type = 'csat'
),

cells as (
    {{ survey_cells('survey_counts', {
        'top_box': answers('score_share = 1'),
        'satisfied': answers('score_share >= ' ~ var('satisfied_share')),
    }) }}
)

select
    *,
    satisfied - top_box as merely_satisfied,
    {{ ratio('responses', 'surveys') }} as response_rate,
    {{ ratio('satisfied', 'responses') }} as satisfied_share,
    {{ wilson_lower('satisfied', 'responses') }} as satisfied_share_lower,
    {{ wilson_upper('satisfied', 'responses') }} as satisfied_share_upper,
    {{ ratio('top_box', 'responses') }} as top_box_share,
    {{ wilson_lower('top_box', 'responses') }} as top_box_share_lower,
    {{ wilson_upper('top_box', 'responses') }} as top_box_share_upper,
    cast({{ var('satisfied_share') }} as decimal(18, 4)) as satisfied_from
from cells
