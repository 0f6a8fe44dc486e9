# When to use it: hosts are made from an image that contains the app. This adds the sidecar to the image, enabled: a host that
# boots from it answers probes, and needs no installation.
#   packer build -var deb=health-sidecar_0.1.0_amd64.deb .
# What to change: the source image (use yours, with the app in it), the region, and the file of settings, `defaults`.

packer {
  required_version = ">= 1.6.6"
}

variable "deb" {
  description = "The package that `npm run package` makes, for the image's architecture."
  type        = string
}

variable "defaults" {
  description = "The file for /etc/default/health-sidecar: HEALTH_SIDECAR_TARGET=... and so on. Put no secrets in it: images are copied."
  type        = string
  default     = "health-sidecar.default"
}

variable "region" {
  type    = string
  default = "eu-west-1"
}

locals {
  built = formatdate("YYYY-MM-DD-hhmm", timestamp())
}

source "amazon-ebs" "app" {
  region        = var.region
  instance_type = "t3.small"
  ssh_username  = "admin"
  ami_name      = "app-${local.built}"

  source_ami_filter {
    most_recent = true
    owners      = ["136693071363"] # Debian
    filters = {
      name                = "debian-12-amd64-*"
      root-device-type    = "ebs"
      virtualization-type = "hvm"
    }
  }
}

build {
  sources = ["source.amazon-ebs.app"]

  provisioner "file" {
    source      = var.deb
    destination = "/tmp/health-sidecar.deb"
  }

  provisioner "file" {
    source      = var.defaults
    destination = "/tmp/health-sidecar.default"
  }

  # The sidecar is enabled, but not started: what it finds out on the build's instance says nothing about other hosts. The
  # settings are installed after the package, so that dpkg asks no question. The group is the app's: it may read the env
  # file and open the socket. A freshly booted instance may be busy with its daily upgrades: apt waits for them.
  provisioner "shell" {
    inline_shebang = "/bin/sh -eux"
    inline = [
      "cloud-init status --wait || [ $? -eq 2 ]", # exit code 2, since 23.4: done, with warnings
      "sudo DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 /tmp/health-sidecar.deb",
      "sudo install -o root -g root -m 0640 /tmp/health-sidecar.default /etc/default/health-sidecar",
      "sudo install -d /etc/systemd/system/health-sidecar.service.d",
      "printf '[Service]\\nSupplementaryGroups=app\\n' | sudo tee /etc/systemd/system/health-sidecar.service.d/app.conf",
      "sudo systemctl enable health-sidecar.socket health-sidecar.service",
      "rm /tmp/health-sidecar.deb /tmp/health-sidecar.default",
    ]
  }
}
