with

-- the second version of the effort score is defined on 1 to 7, where 7 is least effort
survey_counts as (
    select * from {{ ref('int_survey_counts') }}
    where survey_type = 'ces' and scale_min = 1 and scale_max = 7
),

cells as (
    {{ survey_cells('survey_counts', {
        'easy': answers('score >= 6'),
        'hard': answers('score <= 3'),
        'score_sum': 'coalesce(sum(score * n), 0)',
        'score_square_sum': 'coalesce(sum(score * score * n), 0)',
    }) }}
),

scored as (
    select
        *,
        {{ enough(quotient('score_sum', 'responses'), 'responses') }} as mean,
        {{ mean_error('score_sum', 'score_square_sum', 'responses') }} as mean_error,
        {{ net_score('easy', 'hard', 'responses') }} as net,
        {{ net_score_error('easy', 'hard', 'responses') }} as net_error
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
    easy,
    hard,
    {{ rounded('mean') }} as effort_score_mean,
    {{ normal_lower('mean', 'mean_error', floor=1) }} as effort_score_mean_lower,
    {{ normal_upper('mean', 'mean_error', ceiling=7) }} as effort_score_mean_upper,
    {{ rounded('net') }} as net_easy_score,
    {{ normal_lower('net', 'net_error', floor=-100) }} as net_easy_score_lower,
    {{ normal_upper('net', 'net_error', ceiling=100) }} as net_easy_score_upper,
    {{ ratio('responses', 'surveys') }} as response_rate
from scored
