"""Addresses of the pages about accounts. allauth's own are not mounted: only these exist."""

from django.urls import path, re_path

from ssi.accounts.views import acting, officers, preferences, sign_in
from ssi.web import references  # noqa: F401 - registers <reference:…>

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="account_login"),
    path("sign-out/", sign_in.sign_out, name="account_logout"),
    path("account/closed/", sign_in.closed_account, name="account_inactive"),
    path("account/confirm/", sign_in.confirm, name="account_reauthenticate"),
    path("account/password/", sign_in.change_password, name="account_change_password"),
    path("account/e-mails/", preferences.email_preferences, name="email_preferences"),
    path("password/forgotten/", sign_in.forgotten_password, name="account_reset_password"),
    path("password/forgotten/sent/", sign_in.forgotten_password_sent, name="account_reset_password_done"),
    path("password/new/set/", sign_in.new_password_set, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        sign_in.new_password,
        name="account_reset_password_from_key",
    ),
    path("access/", acting.my_access, name="my_access"),
    path("access/acting-as/", acting.acting_as, name="acting_as"),
    path("officers/", officers.officers, name="officers"),
    path("officers/earlier/", officers.earlier, name="officers_earlier"),
    path("officers/nominate/", officers.nominate, name="officer_nominate"),
    path("officers/<reference:reference>/", officers.officer, name="officer"),
    path("officers/<reference:reference>/nominated/", officers.nominated, name="officer_nominated"),
    path("officers/<reference:reference>/withdraw/", officers.withdraw, name="officer_withdraw"),
    path("officers/<reference:reference>/end/", officers.end, name="officer_end"),
]
