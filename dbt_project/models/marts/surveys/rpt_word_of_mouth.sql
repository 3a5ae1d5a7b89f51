with

-- the score of recommendation is defined on 0 to 10 alone; answers on another scale are none
survey_counts as (
    select * from {{ ref('int_survey_counts') }}
    where survey_type = 'nps' and scale_min = 0 and scale_max = 10
),

cells as (
    {{ survey_cells('survey_counts', {
        'promoters': answers('score >= 9'),
        'detractors': answers('score <= 6'),
    }) }}
),

scored as (
    select
        *,
        {{ net_score('promoters', 'detractors', 'responses') }} as score,
        {{ net_score_error('promoters', 'detractors', 'responses') }} as error
    from cells
)

select
    brand,
    survey_version,
    period,
    channel,
    segment_code,
    surveys,
    responses,
    promoters,
    responses - promoters - detractors as passives,
    detractors,
    {{ rounded('score') }} as net_promoter_score,
    {{ rounded('error') }} as net_promoter_score_standard_error,
    {{ normal_lower('score', 'error', floor=-100) }} as net_promoter_score_lower,
    {{ normal_upper('score', 'error', ceiling=100) }} as net_promoter_score_upper,
    {{ ratio('responses', 'surveys') }} as response_rate
from scored
