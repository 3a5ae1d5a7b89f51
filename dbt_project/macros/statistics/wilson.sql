{# Standard normal quantile of a two-sided 95 % interval. #}
{% macro normal_quantile() -%}
1.959963984540054
{%- endmacro %}

{#
    Wilson score interval of a share x/n (Wilson 1927): (2x + z² ± z √(z² + 4x(n - x)/n)) / (2(n + z²)).
    Null below `min_cell` observations.
#}
{% macro wilson_lower(successes, trials) -%}
{{ wilson_bound(successes, trials, '-') }}
{%- endmacro %}

{% macro wilson_upper(successes, trials) -%}
{{ wilson_bound(successes, trials, '+') }}
{%- endmacro %}

{% macro wilson_bound(successes, trials, sign) -%}
{%- set z = normal_quantile() -%}
{%- set x = 'cast(' ~ successes ~ ' as ' ~ double_type() ~ ')' -%}
{%- set n = 'nullif(cast(' ~ trials ~ ' as ' ~ double_type() ~ '), 0)' -%}
{%- set root = 'sqrt(' ~ z ~ ' * ' ~ z ~ ' + 4 * ' ~ x ~ ' * (' ~ n ~ ' - ' ~ x ~ ') / ' ~ n ~ ')' -%}
{%- set top = '2 * ' ~ x ~ ' + ' ~ z ~ ' * ' ~ z ~ ' ' ~ sign ~ ' ' ~ z ~ ' * ' ~ root -%}
{{ published('(' ~ top ~ ') / (2 * (' ~ n ~ ' + ' ~ z ~ ' * ' ~ z ~ '))', trials) }}
{%- endmacro %}
