"""The addresses of every page, by who may open it, a clinic that has something on each, and asking for all of them."""

from __future__ import annotations

from accounts.tokens import issue
from datahub.imports.uploads import upload
from datahub.models import FileImport, SheetLink, Source
from datahub.sources import create_source
from tests.accounts.browser import as_
from tests.campaigns.story import vn
from tests.factories import make_source, visit

KEY = "khóa-bí-mật-không-ai-được-thấy"
READ = {
    "campaigns:overview": "/",
    "campaigns:library": "/library/",
    "campaigns:entry": "/library/cham-soc-sau-lieu-trinh/",
    "campaigns:list": "/campaigns/",
    "campaigns:campaign": "/campaigns/{send}/",
    "campaigns:runs": "/campaigns/{send}/runs/",
    "campaigns:visits": "/campaigns/{send}/visits/",
    "campaigns:sent": "/campaigns/{send}/messages/",
    "campaigns:campaign_rows": "/campaigns/{send}/rows/",
    "campaigns:templates": "/templates/",
    "campaigns:template": "/templates/{template}/",
    "campaigns:template_rows": "/templates/{template}/rows/",
    "campaigns:record": "/hub/records/{record}/",
    "campaigns:messages": "/messages/",
    "campaigns:message": "/messages/{message}/",
    "campaigns:quota": "/quota/",
    "campaigns:connections": "/connections/",
    "campaigns:account": "/connections/{account}/",
    "campaigns:customer": "/hub/customers/{customer}/",
    "campaigns:do_not_send": "/hub/do-not-send/",
    "datahub:customers": "/hub/customers/",
    "datahub:home": "/hub/",
    "datahub:records": "/hub/tables/{table}/",
    "datahub:segments": "/hub/tables/{table}/segments/",
    "datahub:segment_count": "/hub/segments/{segment}/count/",
    "datahub:errors": "/hub/errors/",
    "datahub:sources": "/hub/sources/",
    "datahub:source": "/hub/sources/{source}/",
    "datahub:script": "/hub/sources/{source}/script/",
    "datahub:api_reference": "/hub/api/reference/",
}
MANAGE = {
    "datahub:segment_new": "/hub/tables/{table}/segments/new/",
    "datahub:segment": "/hub/segments/{segment}/",
    "campaigns:caps": "/quota/caps/",
    "campaigns:step_params": "/campaigns/{send}/steps/send-1/params/",
    "campaigns:connect": "/connections/add/",
    "campaigns:account_edit": "/connections/{account}/edit/",
    "campaigns:oauth_callback": "/connections/oauth/callback",
    "campaigns:sms": "/connections/sms/",
    "datahub:fields": "/hub/tables/{table}/fields/",
    "datahub:field_misfits": "/hub/tables/{table}/fields/doctor/values/",
    "datahub:names": "/hub/tables/{table}/names/",
    "columns:edit": "/hub/tables/{table}/fields/doctor/",
    "columns:archive": "/hub/tables/{table}/fields/doctor/archive/",
    "columns:done_value": "/hub/tables/{table}/done/",
    "datahub:duplicates": "/hub/customers/duplicates/",
    "campaigns:erasures": "/hub/customers/erased/",
    "datahub:source_new": "/hub/sources/new/",
    "datahub:link_new": "/hub/sources/link/",
    "datahub:link": "/hub/sources/{linked}/link/",
    "datahub:json_new": "/hub/sources/json/",
    "datahub:json": "/hub/sources/{json}/json/",
    "datahub:api": "/hub/api/",
    "datahub:imports": "/hub/imports/",
    "datahub:import": "/hub/imports/{file}/",
}
CHANGE = {
    "datahub:source_new": "/hub/sources/new/",
    "datahub:filled_script": "/hub/sources/{source}/script/filled/",
    "datahub:check_now": "/hub/sources/{linked}/checkup/",
    "datahub:link_new": "/hub/sources/link/",
    "datahub:link_attach": "/hub/sources/{linked}/link/attach/",
    "datahub:link_check": "/hub/sources/{linked}/link/check/",
    "datahub:link_tab": "/hub/sources/{linked}/link/tab/",
    "datahub:link_key": "/hub/sources/{linked}/link/key/",
    "datahub:link_end": "/hub/sources/{linked}/link/end/",
    "datahub:json_new": "/hub/sources/json/",
    "datahub:json": "/hub/sources/{json}/json/",
    "datahub:json_signature": "/hub/sources/{json}/json/signature/",
    "datahub:json_switch": "/hub/sources/{json}/json/open/",
    "datahub:api": "/hub/api/",
    "datahub:api_switch": "/hub/tables/{table}/api/",
    "datahub:token_revoke": "/hub/api/tokens/{token}/revoke/",
    "datahub:imports": "/hub/imports/",
    "datahub:import_choose": "/hub/imports/{file}/choose/",
    "datahub:import_pause": "/hub/imports/{file}/pause/",
    "datahub:import_resume": "/hub/imports/{file}/resume/",
    "datahub:import_stop": "/hub/imports/{file}/stop/",
    "datahub:import_undo": "/hub/imports/{file}/undo/",
    "datahub:import_wrong": "/hub/imports/{file}/wrong/",
    "datahub:export_records": "/hub/tables/{table}/export/",
    "datahub:export_customers": "/hub/customers/export/",
    "campaigns:export_messages": "/messages/export/",
    "campaigns:consent": "/hub/customers/{customer}/consent/",
    "campaigns:stop": "/hub/customers/{customer}/stop/",
    "campaigns:erase": "/hub/customers/{customer}/erase/",
    "campaigns:readmit": "/hub/customers/erased/readmit/",
    "campaigns:do_not_send_add": "/hub/do-not-send/add/",
    "campaigns:asks_before_offers": "/hub/do-not-send/offers/",
    "campaigns:lift": "/hub/do-not-send/{mark}/lift/",
    "campaigns:put_back": "/hub/do-not-send/{mark}/put-back/",
    "datahub:reveal": "/hub/customers/{customer}/reveal/",
    "datahub:add_label": "/hub/customers/{customer}/labels/",
    "datahub:remove_label": "/hub/customers/{customer}/labels/{label}/remove/",
    "datahub:merge": "/hub/customers/{customer}/merge/",
    "datahub:unmerge": "/hub/customers/merges/{merge}/undo/",
    "campaigns:caps": "/quota/caps/",
    "campaigns:use": "/library/cham-soc-sau-lieu-trinh/use/",
    "campaigns:campaign": "/campaigns/{send}/",
    "campaigns:activate": "/campaigns/{send}/activate/",
    "campaigns:pause": "/campaigns/{send}/pause/",
    "campaigns:add_reminder": "/campaigns/{send}/reminders/",
    "campaigns:remove_step": "/campaigns/{send}/steps/send-1/remove/",
    "campaigns:connect": "/connections/add/",
    "campaigns:sms": "/connections/sms/",
    "campaigns:account_edit": "/connections/{account}/edit/",
    "campaigns:wording": "/templates/{template}/wording/",
    "campaigns:trial": "/templates/{template}/trial/",
    "campaigns:reports": "/connections/{account}/reports/",
    "campaigns:take_back": "/connections/{account}/reports/1/undo/",
    "campaigns:confirm_phone": "/connections/{account}/people/1/confirm/",
    "campaigns:sync": "/connections/{account}/sync/",
    "campaigns:unblock": "/connections/{account}/unblock/",
    "campaigns:judge": "/messages/{message}/judge/",
    "datahub:fields": "/hub/tables/{table}/fields/",
    "datahub:field_move": "/hub/tables/{table}/fields/doctor/move/",
    "datahub:field_restore": "/hub/tables/{table}/fields/doctor/restore/",
    "datahub:fields_undo": "/hub/tables/{table}/undo/1/",
    "datahub:names": "/hub/tables/{table}/names/",
    "datahub:hub_values": "/hub/records/{record}/values/",
    "columns:edit": "/hub/tables/{table}/fields/doctor/",
    "columns:archive": "/hub/tables/{table}/fields/doctor/archive/",
    "columns:done_value": "/hub/tables/{table}/done/",
    "datahub:filter": "/hub/tables/{table}/filter/",
    "datahub:filter_found": "/hub/tables/{table}/filter/found/",
    "datahub:segment_new": "/hub/tables/{table}/segments/new/",
    "datahub:segment": "/hub/segments/{segment}/",
    "datahub:segment_remove": "/hub/segments/{segment}/remove/",
    "datahub:segment_restore": "/hub/segments/{segment}/restore/",
    "datahub:set_status": "/hub/records/{record}/status/",
    "datahub:reveal_secret": "/hub/sources/{source}/secret/",
}


def make_segment(table):
    """A named filter of the table."""
    given = {"workspace_id": table.workspace_id, "name": "Khách cũ", "tree": {"all": []}, "created_at": vn(21, 8)}
    return table.segments.create(**given)


def make_ways_in(table, person):
    """Every other way into the table: a linked sheet, a program, a token, a file."""
    linked = make_source(table)
    given = {"client_email": "cdp@kho.iam.gserviceaccount.com", "spreadsheet_id": "1AbC", "worksheet": "Khách"}
    SheetLink.objects.create(source=linked, service_account=f'{{"private_key": "{KEY}"}}', next_pull_at=vn(21), **given)
    columns = ",".join(visit()).encode()
    file = upload(dataset=table, name="cu.csv", pieces=[columns + b"\n" + columns], by=person, now=vn(21))
    assert isinstance(file, FileImport), file
    token = issue(workspace=table.workspace, name="Phần mềm", actor=person, now=vn(21))
    assert token is not None
    return {
        "linked": linked.pk,
        "json": create_source(dataset=table, name="Phần mềm", kind=Source.Kind.JSON).pk,
        "token": token[0].pk,
        "file": file.pk,
    }


def make_story(clinic, owner):
    """A clinic whose first message has gone out."""
    record = clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    customer = record.customer
    return {
        "customer": customer.pk,
        "mark": clinic.workspace.suppressions.create(phone="84987654321", reason_code="asked", created_at=vn(21)).pk,
        "label": clinic.workspace.labels.create(name="VIP").pk,
        "merge": clinic.workspace.merges.create(kept=customer, gone=customer, moved={}, at=vn(21)).pk,
        "send": clinic.send.pk,
        "record": record.pk,
        "message": clinic.message().pk,
        "table": record.dataset_id,
        "segment": make_segment(record.dataset).pk,
        "source": clinic.source.pk,
        "account": clinic.account.pk,
        "template": clinic.template.pk,
        **make_ways_in(record.dataset, owner),
    }


def answers(person, pages, story, how="get", **extra):
    """Page → its last answer to this person, for every page of the list."""
    browser = as_(person)
    return {name: getattr(browser, how)(page.format(**story), follow=True, **extra) for name, page in pages.items()}


def codes(found):
    return {name: response.status_code for name, response in found.items()}


def all_of(pages, code):
    return dict.fromkeys(pages, code)
