# When to use it: beside sidecar.pkr.hcl, with Packer 1.7 or later, which takes its Amazon builder from a plugin (`packer
# init .` fetches it). Leave it out with an older Packer, which has the builder built in and does not know this block.

packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.2.8"
    }
  }
}
