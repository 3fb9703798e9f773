"""Zalo's three hosts with Zalo's own paths, and what this Zalo has besides: the inbox and the fault script."""

from django.urls import path

from sandbox.zalo.views import business, inbox, oauth, openapi, people, stage

# What plays Zalo, each path as Zalo spells it behind the name of a host; described in `sandbox/zalo/wire/*.yaml`.
zalo_patterns = [
    path("oauth/v4/oa/permission", oauth.permission, name="permission"),
    path("oauth/v4/permission/error", oauth.permission_error, name="permission_error"),
    path("oauth/v4/oa/access_token", oauth.access_token),
    path("business/message/template", business.send),
    path("business/message/template/hashphone", business.send_hashed),
    path("business/message/quota", business.quota_numbers),
    path("business/message/template-tag", business.tags),
    path("business/message/status", business.message_status),
    path("business/quality", business.quality),
    path("business/template/all", business.templates),
    path("business/template/info/v2", business.template_info),
    path("business/template/info", business.template_info_v1),
    path("business/template/sample-data", business.sample_data),
    path("business/template/create", business.create_template),
    path("business/template/edit", business.edit_template),
    path("business/upload/image", business.upload_image),
    path("business/rating/get", business.ratings),
    path("business/response/get", business.responses),
    path("openapi/v2.0/oa/getoa", openapi.getoa),
    path("openapi/v2.0/oa/quota/message", openapi.promotion_quota),
    path("openapi/v3.0/oa/message/template", openapi.send_template),
    path("openapi/v3.0/oa/message/cs", openapi.send_consultation),
    path("openapi/v3.0/oa/message/transaction", openapi.stopped),
    path("openapi/v3.0/oa/message/promotion", openapi.stopped),
    path("openapi/v3.0/oa/quota/message", openapi.chat_quota),
    path("openapi/v3.0/oa/user/detail", openapi.user_detail),
    path("openapi/v3.0/oa/user/getlist", openapi.user_list),
]
urlpatterns = [
    *zalo_patterns,
    path("openapi.json", stage.description),
    path("stage/accounts", stage.accounts_page),
    path("stage/templates", stage.templates_page),
    path("faults", stage.faults_page, name="faults"),
    path("recipients", stage.recipients, name="recipients"),
    path("stage/people", people.people, name="people"),
    path("stage/webhook", people.webhook),
    path("inbox/", inbox.page, name="inbox"),
    path("inbox/inbox.json", inbox.as_json),
    path("inbox.json", inbox.as_json, name="inbox_json"),
    path("inbox/<str:phone>/", inbox.page, name="inbox_phone"),
]
