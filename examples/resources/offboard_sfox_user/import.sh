terraform import offboard_sfox_user.ines cust-7f31
