{# The whole numbers 0 … 999 as a query with the one column `number`, on any engine. #}
{% macro whole_numbers() -%}
{%- set digits -%}
(select 0 as digit{% for digit in range(1, 10) %} union all select {{ digit }}{% endfor %})
{%- endset -%}
select hundreds.digit * 100 + tens.digit * 10 + ones.digit as number
from {{ digits }} as hundreds
cross join {{ digits }} as tens
cross join {{ digits }} as ones
{%- endmacro %}

{# Whole months passed from one date to another: a month is passed when its day of month is reached. #}
{% macro whole_months_between(first_date, last_date) -%}
{{ months_between(first_date, last_date) }}
    - case when extract(day from {{ last_date }}) < extract(day from {{ first_date }}) then 1 else 0 end
{%- endmacro %}

{# Calendar months between the months of two dates, whatever their days. #}
{% macro months_between(first_date, last_date) -%}
cast(
    (extract(year from {{ last_date }}) - extract(year from {{ first_date }})) * 12
    + extract(month from {{ last_date }}) - extract(month from {{ first_date }})
as integer)
{%- endmacro %}

{# The month of a date as text, YYYY-MM: fit to stand beside a total named all. #}
{% macro month_text(day) -%}
substr(cast({{ month_start(day) }} as text), 1, 7)
{%- endmacro %}

{# An instant some minutes later, whatever the clocks do in between. #}
{% macro add_minutes(instant, minutes) -%}
({{ instant }} + interval '{{ minutes }} minutes')
{%- endmacro %}
