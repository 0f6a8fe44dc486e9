# When to use it: the hosts are behind an Application Load Balancer. For a Classic one: classic-elb.tf.
# What to change: the port of the app. The health check's is the sidecar's, and stays 80.

resource "aws_lb" "app" {
  name               = var.name
  load_balancer_type = "application"
  subnets            = var.subnet_ids
  security_groups    = [aws_security_group.balancer.id]
}

resource "aws_lb_listener" "app" {
  load_balancer_arn = aws_lb.app.arn
  protocol          = "HTTPS"
  port              = 443
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
}

resource "aws_lb_target_group" "app" {
  name     = var.name
  vpc_id   = var.vpc_id
  protocol = "HTTP"
  port     = var.app_port

  # What a host that leaves has for the requests under way; the default, 300, is how long each replacement of a host would take.
  deregistration_delay = 60

  # An ALB lets a new target in after ONE pass: its healthy threshold is for recovery only. The rounds that the sidecar
  # asks for before its first 200 are what keeps a host out that flaps while it boots.
  health_check {
    protocol            = "HTTP"
    port                = "80"
    path                = "/health"
    matcher             = "200"
    interval            = 15
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 10
  }
}
