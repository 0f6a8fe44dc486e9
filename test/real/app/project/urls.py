from django.urls import path

from catalog import views

urlpatterns = [
    path("", views.home),
    path("about/", views.about),
    path("environment/", views.environment),
    path("slow/", views.slow),
    path("delay/", views.delay),
    path("error/", views.error),
    path("die/", views.die),
    path("large/", views.large),
    path("drip/", views.drip),
    path("cut/", views.cut),
    path("break/", views.break_off),
    path("maintenance/", views.maintenance),
    path("limited/", views.limited),
    path("encoded/", views.encoded),
    path("www/", views.www),
    path("language/", views.language),
    path("en-gb/language/", views.home),
    path("private/", views.private),
    path("login/", views.login),
    path("products/", views.products),
]
