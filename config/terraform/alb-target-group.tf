# When to use it: the hosts are behind an Application Load Balancer. For a Classic one, use classic-elb.tf.
# What to change: the app's port. The port of the health check is the sidecar's, and stays 80.

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

  # A host that leaves has this many seconds for its requests in flight. The default, 300, would slow down each replacement.
  deregistration_delay = 60

  # An ALB admits a new target after ONE pass: its healthy threshold counts for recovery only. The sidecar needs several
  # passing rounds before its first 200, and so keeps out a host that flaps while it boots.
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
