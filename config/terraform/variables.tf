# When to use it: with any of the other files of this folder, which ask for these.
# What to change: nothing; give the values (terraform.tfvars, or -var).

variable "name" {
  description = "Name of the app: of its balancer, its group and what belongs to them"
  type        = string
  default     = "app"
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  description = "Subnets of the balancer and of the hosts, in at least two zones"
  type        = list(string)
}

variable "certificate_arn" {
  description = "Certificate of the balancer's HTTPS listener"
  type        = string
}

variable "image_id" {
  description = "Debian with the app; ../packer bakes one with the sidecar as well"
  type        = string
}

variable "app_port" {
  description = "Where the app itself answers on each host; port 80 is the sidecar's"
  type        = number
  default     = 8080
}

# Of the balancer: the world may ask it for pages.
resource "aws_security_group" "balancer" {
  name   = "${var.name}-balancer"
  vpc_id = var.vpc_id

  ingress {
    description = "Pages"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    description = "Pages and probes, to the hosts"
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
