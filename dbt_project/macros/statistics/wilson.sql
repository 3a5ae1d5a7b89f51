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
{{ published(wilson_exact(successes, trials, sign), trials) }}
{%- endmacro %}

{% macro wilson_exact(successes, trials, sign) -%}
{%- set z = normal_quantile() -%}
{%- set x = 'cast(' ~ successes ~ ' as ' ~ double_type() ~ ')' -%}
{%- set n = 'nullif(cast(' ~ trials ~ ' as ' ~ double_type() ~ '), 0)' -%}
{%- set root = 'sqrt(' ~ z ~ ' * ' ~ z ~ ' + 4 * ' ~ x ~ ' * (' ~ n ~ ' - ' ~ x ~ ') / ' ~ n ~ ')' -%}
{%- set top = '2 * ' ~ x ~ ' + ' ~ z ~ ' * ' ~ z ~ ' ' ~ sign ~ ' ' ~ z ~ ' * ' ~ root -%}
(({{ top }}) / (2 * ({{ n }} + {{ z }} * {{ z }})))
{%- endmacro %}

{# The difference of two shares, x1/n1 - x2/n2, and its 95 % interval by Newcombe's hybrid score method (1998, method 10):
   d ∓ √((p1 - l1)² + (u2 - p2)²) from the Wilson bounds. Null where either group has fewer than `min_cell`. #}
{% macro share_difference(x1, n1, x2, n2) -%}
{{ published(quotient(x1, n1) ~ ' - ' ~ quotient(x2, n2), 'least(' ~ n1 ~ ', ' ~ n2 ~ ')') }}
{%- endmacro %}

{% macro share_difference_lower(x1, n1, x2, n2) -%}
{{ share_difference_bound(x1, n1, x2, n2, '-') }}
{%- endmacro %}

{% macro share_difference_upper(x1, n1, x2, n2) -%}
{{ share_difference_bound(x1, n1, x2, n2, '+') }}
{%- endmacro %}

{% macro share_difference_bound(x1, n1, x2, n2, sign) -%}
{%- set other = '+' if sign == '-' else '-' -%}
{%- set p1 = quotient(x1, n1) -%}
{%- set p2 = quotient(x2, n2) -%}
{%- set reach = 'sqrt(power(' ~ p1 ~ ' - ' ~ wilson_exact(x1, n1, sign) ~ ', 2) + power('
    ~ p2 ~ ' - ' ~ wilson_exact(x2, n2, other) ~ ', 2))' -%}
{{ published(p1 ~ ' - ' ~ p2 ~ ' ' ~ sign ~ ' ' ~ reach, 'least(' ~ n1 ~ ', ' ~ n2 ~ ')') }}
{%- endmacro %}
