# When to use it: beside sidecar.pkr.hcl, with Packer 1.7 or later. Its Amazon builder is a plugin, which `packer init .`
# fetches. Leave this file out with an older Packer: it has the builder built in, and does not know this block.

packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.2.8"
    }
  }
}
