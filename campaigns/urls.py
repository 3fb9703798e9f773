"""Addresses of the overview, the library, the campaigns and what they sent."""

from django.urls import path

from campaigns.views import campaigns, connections, editing, library, messages, overview, quota, records, tabs

app_name = "campaigns"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("library/", library.library, name="library"),
    path("library/<slug:slug>/", library.entry, name="entry"),
    path("library/<slug:slug>/use/", library.use, name="use"),
    path("campaigns/", campaigns.groups, name="list"),
    path("campaigns/<int:campaign_id>/", editing.campaign, name="campaign"),
    path("campaigns/<int:campaign_id>/activate/", campaigns.activate, name="activate"),
    path("campaigns/<int:campaign_id>/pause/", campaigns.pause, name="pause"),
    path("campaigns/<int:campaign_id>/reminders/", editing.add_reminder, name="add_reminder"),
    path("campaigns/<int:campaign_id>/steps/<str:key>/params/", editing.step_params, name="step_params"),
    path("campaigns/<int:campaign_id>/steps/<str:key>/remove/", editing.remove_step, name="remove_step"),
    path("campaigns/<int:campaign_id>/runs/", tabs.runs, name="runs"),
    path("campaigns/<int:campaign_id>/visits/", tabs.visits, name="visits"),
    path("campaigns/<int:campaign_id>/messages/", tabs.sent, name="sent"),
    path("hub/records/<int:record_id>/", records.record, name="record"),
    path("messages/", messages.log, name="messages"),
    path("messages/<int:message_id>/", messages.message, name="message"),
    path("messages/<int:message_id>/judge/", messages.judged, name="judge"),
    path("quota/", quota.quota, name="quota"),
    path("connections/", connections.connections, name="connections"),
    path("connections/add/", connections.add, name="connect"),
    path("connections/<int:account_id>/sync/", connections.sync, name="sync"),
    path("connections/<int:account_id>/unblock/", connections.unblock, name="unblock"),
]
