terraform import offboard_user.ines parley/84120
