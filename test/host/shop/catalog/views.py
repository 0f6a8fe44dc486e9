from django.http import HttpResponse

from catalog.models import Product


def index(request):
    return HttpResponse(f"<h1>Welcome to the shop</h1><p>{Product.objects.count()} products</p>")
