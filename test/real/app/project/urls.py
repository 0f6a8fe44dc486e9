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
    path("products/", views.products),
]
