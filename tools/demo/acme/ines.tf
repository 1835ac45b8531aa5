import {
  to = offboard_konstantly_user.ines
  id = "u7k2m9"
}

resource "offboard_konstantly_user" "ines" {
  id    = "u7k2m9"
  email = "ines.varga@acme.test"
}

import {
  to = offboard_ecgrid_user.ines
  id = "30417"
}

resource "offboard_ecgrid_user" "ines" {
  id    = "30417"
  email = "ines.varga@acme.test"
}

import {
  to = offboard_sfox_user.ines
  id = "cust-7f31"
}

resource "offboard_sfox_user" "ines" {
  id    = "cust-7f31"
  email = "ines.varga@acme.test"
}

import {
  to = offboard_skillable_user.ines
  id = "emp-3107"
}

resource "offboard_skillable_user" "ines" {
  id    = "emp-3107"
  email = "ines.varga@acme.test"
}
