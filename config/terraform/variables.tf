# When to use it: with any other file of this folder: they use these variables.
# What to change: nothing. Set the values (terraform.tfvars, or -var).

variable "name" {
  description = "Name of the app, and of its balancer, its group and their parts"
  type        = string
  default     = "app"
}

variable "region" {
  description = "Region of the hosts, such as eu-west-1"
  type        = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  description = "Subnets of the balancer and the hosts, in at least two zones"
  type        = list(string)
}

variable "certificate_arn" {
  description = "Certificate of the balancer's HTTPS listener"
  type        = string
}

variable "image_id" {
  description = "Image of Debian with the app; ../packer makes one with the sidecar as well"
  type        = string
}

variable "app_port" {
  description = "The app's own port on each host; port 80 is the sidecar's"
  type        = number
  default     = 8080
}

# The balancer's security group: the world may ask it for pages.
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
