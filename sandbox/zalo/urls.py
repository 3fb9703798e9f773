"""Zalo's three hosts with Zalo's own paths, and what this Zalo has besides: the inbox and the fault script."""

from django.urls import path

from sandbox.zalo.views import business, inbox, oauth, openapi, stage

urlpatterns = [
    path("oauth/v4/oa/permission", oauth.permission, name="permission"),
    path("oauth/v4/oa/access_token", oauth.access_token),
    path("business/message/template", business.send),
    path("business/message/quota", business.quota_numbers),
    path("business/message/template-tag", business.tags),
    path("business/message/status", business.message_status),
    path("business/quality", business.quality),
    path("business/template/all", business.templates),
    path("business/template/info/v2", business.template_info),
    path("business/template/info", business.template_info),
    path("business/template/sample-data", business.sample_data),
    path("openapi/v2.0/oa/getoa", openapi.getoa),
    path("faults", stage.faults_page, name="faults"),
    path("recipients", stage.recipients, name="recipients"),
    path("inbox/", inbox.page, name="inbox"),
    path("inbox/inbox.json", inbox.as_json),
    path("inbox.json", inbox.as_json, name="inbox_json"),
    path("inbox/<str:phone>/", inbox.page, name="inbox_phone"),
]
