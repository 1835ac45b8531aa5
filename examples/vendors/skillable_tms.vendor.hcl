# Skillable TMS, the learning management system: not the Lab API, which is built in.
#
# Written from documentation, not yet run against the live service. 2026-11-29.
#
#   T1  https://github.com/LearnOnDemandSystems/ConnectAPI/blob/main/Skillable-tms-OpenAPI.yaml (version 2.0.0)
#   T2  https://docs.skillable.com/apidocs/close-a-user-account-by-external-platform-id-removing-personal-information
#   T3  https://docs.skillable.com/docs/close-user-acct
#   T4  https://github.com/LearnOnDemandSystems/docs, folder tms/tms-administrators/users/student-management
#
# What it does:
#   - Every command is a GET with HTTP 200. Status 0 is success, 10 an error, 20 not found, 30 a bad key (T1).
#   - on_destroy = "suspend" disables. The user cannot sign in, and the data stays (T4).
#   - The closure removes all that identifies the person (T1 T2). The same act by hand cannot be undone
#     (T3), so it counts as final. It does not disable before, because the vendor might hide a disabled
#     user. Then an absence would prove less.
#   - DeleteUser is not offered. Closing is what the vendor documents for privacy.
#
# A person may also have labs in Skillable Studio. That is another account, which offboard_skillable_user
# closes. Declare both.
#
# What the documentation leaves open, and what this definition does about it:
#   - A closed user may read as Status 20, or as a record without the person. Both end a closure, if
#     the old email and the old external ID find no user. A Status 0 without a user proves nothing.
#   - An update may clear the optional fields that it does not name. So the step names all, and is
#     done only if each is as before. Two settings of a user cannot be read, and are left out:
#     enableGeneralNotifications and forcePasswordChange.
#   - Status 20 may also mean that the key of another organization is used. So the roles that the key
#     may give are its rights: if they change, an absence proves nothing.
#
# Not looked at: classes that the user teaches, because a search for coming classes needs the time of
# now. For the same reason, subscriptions that have ended are named, too, each with its end.

title      = "Skillable TMS"
docs       = "https://github.com/LearnOnDemandSystems/ConnectAPI/blob/main/Skillable-tms-OpenAPI.yaml"
base_url   = "https://lms.learnondemand.net/api/2.0"
unknown_id = "1999999999"
error      = try(answer.json.Error, answer.json.error)

# The ID of GetUser has 32 bits, and that of the closing command 64 (T1). So larger IDs are refused, from
# 2000000000 on.
id_pattern = "[1-9][0-9]{0,8}|1[0-9]{9}"

credentials {
  headers = { api_key = key }
}

# No limit is documented.
rate {
  requests = 2
  per      = "1s"
}

# The record is the whole answer, because the roles are beside the user.
user {
  id    = tostring(record.User.Id)
  email = record.User.Email
  login = record.User.UserName
  name = join(" ", [
    for part in [try(record.User.FirstName, null), try(record.User.LastName, null)] : part if part != null
  ])
  status = record.User.Disabled ? "suspended" : "active"
  facts = {
    external_id  = try(record.User.ExternalId, null)
    organization = record.User.OrganizationId
  }
}

# Reads write "Status", and most commands that write "status" (T1). Both are read everywhere.
read {
  path   = ["GetUser", user.id]
  ok     = answer.status == 200 && try(answer.json.Status, answer.json.status) == 0
  record = answer.json
  absent = answer.status == 200 && try(answer.json.Status, answer.json.status) == 20
}

# It names no person and holds no secret. The key belongs to an organization, and not to a user.
alive {
  path   = ["GetUserRoles"]
  works  = answer.status == 200 && try(answer.json.Status, answer.json.status) == 0
  rights = join(",", keys({ for role in answer.json.Roles : tostring(role.Id) => true }))
}

find_by_email {
  path   = ["GetUserByEmail"]
  query  = { email = user.email }
  ok     = answer.status == 200 && try(answer.json.Status, answer.json.status) == 0
  record = answer.json
  absent = answer.status == 200 && try(answer.json.Status, answer.json.status) == 20
}

# Every user has one role. Its ID is not documented, and assumed to be 0.
obstacle "roles" {
  path = ["GetUserRoles"]
  ok   = answer.status == 200 && try(answer.json.Status, answer.json.status) == 0
  found = try(length([for id in record.Roles : id if id != 0]), 0) == 0 ? "" : join("", [
    join(", ", [for id in record.Roles : tostring(id) if id != 0]), "; named by the vendor: ",
    join(", ", [for role in answer.json.Roles : role.Name if role.Id != 0 && contains(record.Roles, role.Id)]),
  ])
  says   = "roles beside that of every user: ${found}"
  remedy = "Check who does the work of this role from now on."
  blocks = false
}

obstacle "managed organizations" {
  found  = try(record.ManagedOrganizations, null) == null ? [] : [for id in record.ManagedOrganizations : tostring(id)]
  says   = "the user manages the organization ${found}"
  remedy = "Name another manager. The API does not tell whether there is one."
  blocks = false
}

# 10 is canceled and 40 denied. Completion 0 is unknown and 10 attending (T1).
obstacle "enrollments" {
  path  = ["SearchClassEnrollments"]
  query = { studentId = user.id, pageSize = 100 }
  ok    = answer.status == 200 && try(answer.json.Status, answer.json.status) == 0
  found = try(answer.json.Results, null) == null ? [] : [
    for row in answer.json.Results : try(row.ClassName, "number ${row.ClassId}")
    if !contains([10, 40], row.EnrollmentStatusId) && contains([0, 10], row.CompletionStatusId)
  ]
  says   = "the user is enrolled in the class ${found}"
  remedy = "Cancel the enrollment, or have the class completed."
  blocks = false
}

# 20 is not started or not complete (T1).
obstacle "courses" {
  path   = ["SearchCourseAssignments"]
  query  = { userId = user.id, completionStatus = 20, pageSize = 1 }
  ok     = answer.status == 200 && try(answer.json.Status, answer.json.status) == 0
  found  = answer.json.TotalCount > 0 ? tostring(answer.json.TotalCount) : ""
  says   = "courses that are assigned and not completed: ${found}"
  blocks = false
}

# The IDs are those of TMS, which has no command that ends a lab.
obstacle "labs" {
  path   = ["SearchLabInstances"]
  query  = { userId = user.id, completionStatus = 10, pageSize = 1 }
  ok     = answer.status == 200 && try(answer.json.Status, answer.json.status) == 0
  found  = answer.json.TotalCount > 0 ? tostring(answer.json.TotalCount) : ""
  says   = "labs in progress: ${found}"
  remedy = "Have them ended in Skillable Studio."
  blocks = false
}

# The rows have a name of their own, and their dates are texts.
obstacle "subscriptions" {
  path  = ["SearchSubscriptions"]
  query = { userId = user.id, pageSize = 100 }
  ok    = answer.status == 200 && try(answer.json.Status, answer.json.status) == 0
  found = try(answer.json.SearchSubscriptionsResults, null) == null ? [] : [
    for row in answer.json.SearchSubscriptionsResults :
    "${row.SubscriptionProfileName} (${try(row.Expires, null) == null ? "no end" : "ends ${row.Expires}"})"
  ]
  says   = "the user has the subscription ${found}"
  blocks = false
}

# countryCode wins over country, and country alone makes the code "OT" (T1). So country is sent only
# if there is no code.
step "disable" {
  only   = "suspend"
  when   = user.status == "active"
  method = "GET"
  path   = ["UpdateUser"]
  query = {
    id              = user.id
    userName        = record.User.UserName
    email           = record.User.Email
    firstName       = record.User.FirstName
    lastName        = record.User.LastName
    organizationId  = record.User.OrganizationId
    externalId      = try(record.User.ExternalId, null)
    middleName      = try(record.User.MiddleName, null)
    title           = try(record.User.Title, null)
    companyId       = try(record.User.CompanyId, null)
    managerId       = try(record.User.ManagerId, null)
    phone           = try(record.User.Phone, null)
    phone2          = try(record.User.Phone2, null)
    address1        = try(record.User.Address1, null)
    address2        = try(record.User.Address2, null)
    city            = try(record.User.City, null)
    state           = try(record.User.State, null)
    country         = try(record.User.CountryCode, null) == null ? try(record.User.Country, null) : null
    countryCode     = try(record.User.CountryCode, null)
    zip             = try(record.User.Zip, null)
    profileImageUrl = try(record.User.ProfileImageUrl, null)
    timeZoneId      = try(record.User.TimeZoneId, null)
    disabled        = true
  }
  accepted = answer.status == 200 && try(answer.json.status, answer.json.Status) == 0
  refused  = answer.status == 200 && contains([10, 20, 30], try(answer.json.status, answer.json.Status))
  # Whatever else was to stay is as it was.
  done = user.status == "suspended" && length([
    for field in [
      "ExternalId", "Title", "FirstName", "MiddleName", "LastName", "UserName", "OrganizationId", "CompanyId",
      "ManagerId", "Email", "Phone", "Phone2", "Address1", "Address2", "City", "State", "Zip", "CountryCode",
      "ProfileImageUrl", "TimeZoneId",
    ] : field if try(record.User[field], null) != try(was.User[field], null)
  ]) == 0
  reversible = true
}

# RowsAffected is no proof: 0 may come although it is done, and the same command counts rows again.
# A user name that is empty is no proof either. The answer may only not be whole.
step "close" {
  method   = "GET"
  path     = ["CloseUserAccountById", user.id]
  accepted = answer.status == 200 && try(answer.json.Status, answer.json.status) == 0
  refused  = answer.status == 200 && contains([10, 20, 30], try(answer.json.Status, answer.json.status))
  done = user.absent || (
    record.User.Id == was.User.Id &&
    record.User.Email != null && record.User.Email != was.User.Email &&
    record.User.UserName != null && record.User.UserName != "" && record.User.UserName != was.User.UserName &&
    record.User.FirstName != null && record.User.FirstName != was.User.FirstName &&
    record.User.LastName != null && record.User.LastName != was.User.LastName
  )
}

trace "by email" {
  path  = ["GetUserByEmail"]
  query = { email = was.User.Email }
  ok    = answer.status == 200 && contains([0, 20], try(answer.json.Status, answer.json.status))
  found = try(answer.json.Status, answer.json.status) == 0
}

# Without an external ID it asks for the email again.
trace "by external ID" {
  path = try(trimspace(was.User.ExternalId), "") == "" ? ["GetUserByEmail"] : [
    "GetUserByExternalId", was.User.ExternalId,
  ]
  query = { email = try(trimspace(was.User.ExternalId), "") == "" ? was.User.Email : null }
  ok    = answer.status == 200 && contains([0, 20], try(answer.json.Status, answer.json.status))
  found = try(answer.json.Status, answer.json.status) == 0
}

example "an active user" {
  of = "read"
  answer = { status = 200, json = {
    Status = 0, Error = null, Roles = [0, 7], ManagedOrganizations = [612], CustomFields = [],
    User = {
      Id = 90417, ExternalId = "emp-3107", FirstName = "Ines", LastName = "Varga", UserName = "ines.varga"
      OrganizationId = 612, Disabled = false, Email = "ines@acme.test"
    }
  } }
  expect = {
    id = "90417", email = "ines@acme.test", login = "ines.varga", name = "Ines Varga", status = "active"
    facts = { external_id = "emp-3107", organization = "612" }
  }
}

example "a disabled user" {
  of = "read"
  answer = {
    status = 200
    json = {
      Status = 0, Error = null
      User = {
        Id = 90417, FirstName = "Ines", LastName = null, UserName = "ines.varga", OrganizationId = 612
        Disabled = true, Email = "ines@acme.test"
      }
    }
  }
  expect = { id = "90417", name = "Ines", status = "suspended" }
}

example "no such user" {
  of     = "read"
  answer = { status = 200, json = { Status = 20, Error = "Not found", User = null } }
  expect = { absent = true }
}

example "a bad key is not an absence" {
  of     = "read"
  answer = { status = 200, json = { Status = 30, Error = "Invalid key" } }
  expect = { absent = false, error = true }
}

example "an error is not an absence" {
  of     = "read"
  answer = { status = 200, json = { Status = 10, Error = "Failed", User = null } }
  expect = { absent = false, error = true }
}

example "an answer without a status" {
  of     = "read"
  answer = { status = 200, json = { Error = null, User = { Id = 90417 } } }
  expect = { absent = false, error = true }
}

example "a success without a user" {
  of     = "read"
  answer = { status = 200, json = { Status = 0, Error = null, User = null } }
  expect = { absent = false, error = true }
}

example "the roles of the key" {
  of = "alive"
  answer = {
    status = 200
    json = {
      Status = 0, Error = null
      Roles = [{ Id = 7, Name = "Instructor", Description = "" }, { Id = 0, Name = "Student", Description = "" }]
    }
  }
  expect = { works = true, rights = "0,7" }
}

example "a bad key" {
  of     = "alive"
  answer = { status = 200, json = { Status = 30, Error = "Invalid key" } }
  expect = { works = false }
}

example "found by email" {
  of = "find_by_email"
  user = {
    User = {
      Id = 90417, FirstName = "Ines", LastName = "Varga", UserName = "ines.varga", OrganizationId = 612
      Disabled = false, Email = "ines@acme.test"
    }
  }
  answer = {
    status = 200
    json = {
      Status = 0, Error = null
      User = {
        Id = 90417, FirstName = "Ines", LastName = "Varga", UserName = "ines.varga", OrganizationId = 612
        Disabled = false, Email = "Ines@acme.test"
      }
    }
  }
  expect = { ids = ["90417"] }
}

example "not found by email" {
  of = "find_by_email"
  user = {
    User = { Id = 90417, UserName = "ines.varga", OrganizationId = 612, Disabled = false, Email = "ines@acme.test" }
  }
  answer = { status = 200, json = { Status = 20, Error = "Not found", User = null } }
  expect = { ids = [] }
}

example "roles beside that of every user" {
  of = "obstacle roles"
  user = {
    Roles = [0, 7, 12]
    User = { Id = 90417, UserName = "ines.varga", OrganizationId = 612, Disabled = false, Email = "ines@acme.test" }
  }
  answer = {
    status = 200
    json = { Status = 0, Error = null, Roles = [{ Id = 0, Name = "Student" }, { Id = 7, Name = "Instructor" }] }
  }
  expect = { says = ["roles beside that of every user: 7, 12; named by the vendor: Instructor"] }
}

example "no list of roles" {
  of = "obstacle roles"
  user = {
    Roles = null
    User = { Id = 90417, UserName = "ines.varga", OrganizationId = 612, Disabled = false, Email = "ines@acme.test" }
  }
  answer = { status = 200, json = { Status = 0, Error = null, Roles = [] } }
  expect = { says = [] }
}

example "a managed organization" {
  of = "obstacle managed organizations"
  user = {
    ManagedOrganizations = [612]
    User = { Id = 90417, UserName = "ines.varga", OrganizationId = 612, Disabled = false, Email = "ines@acme.test" }
  }
  answer = { status = 200 }
  expect = { says = ["the user manages the organization 612"] }
}

example "enrollments, of which one runs" {
  of = "obstacle enrollments"
  answer = { status = 200, json = { Status = 0, Error = null, TotalCount = 3, TotalPages = 1, Results = [
    { Id = 1, ClassId = 41, ClassName = "Mesh basics", EnrollmentStatusId = 60, CompletionStatusId = 10 },
    { Id = 2, ClassId = 42, ClassName = "Backup drill", EnrollmentStatusId = 10, CompletionStatusId = 0 },
    { Id = 3, ClassId = 43, ClassName = "Log hunting", EnrollmentStatusId = 60, CompletionStatusId = 20 },
  ] } }
  expect = { says = ["the user is enrolled in the class Mesh basics"] }
}

example "no enrollments" {
  of     = "obstacle enrollments"
  answer = { status = 200, json = { Status = 0, Error = null, TotalCount = 0, TotalPages = 0, Results = null } }
  expect = { says = [] }
}

example "courses to complete" {
  of     = "obstacle courses"
  answer = { status = 200, json = { Status = 0, Error = null, TotalCount = 2, TotalPages = 2, Results = [{ Id = 5 }] } }
  expect = { says = ["courses that are assigned and not completed: 2"] }
}

example "no labs" {
  of     = "obstacle labs"
  answer = { status = 200, json = { Status = 0, Error = null, TotalCount = 0, TotalPages = 0, Results = [] } }
  expect = { says = [] }
}

example "subscriptions" {
  of = "obstacle subscriptions"
  answer = { status = 200, json = { Status = 0, TotalCount = 2, TotalPages = 1, SearchSubscriptionsResults = [
    { SubscriptionProfileId = 7, SubscriptionProfileName = "All labs", Expires = null },
    { SubscriptionProfileId = 8, SubscriptionProfileName = "Mesh", Expires = "2027-01-31T00:00:00" },
  ] } }
  expect = {
    says = [
      "the user has the subscription All labs (no end)",
      "the user has the subscription Mesh (ends 2027-01-31T00:00:00)",
    ]
  }
}

example "disabled" {
  of     = "step disable"
  answer = { status = 200, json = { status = 0, error = null } }
  expect = { accepted = true }
}

example "disabling is refused" {
  of     = "step disable"
  answer = { status = 200, json = { status = 10, error = "Failed" } }
  expect = { accepted = false, refused = true }
}

example "closed" {
  of     = "step close"
  answer = { status = 200, json = { Status = 0, Error = null, RowsAffected = 5 } }
  expect = { accepted = true }
}

example "nothing to close" {
  of     = "step close"
  answer = { status = 200, json = { Status = 20, Error = "Not found", RowsAffected = 0 } }
  expect = { accepted = false, refused = true }
}

example "a closure without a status" {
  of     = "step close"
  answer = { status = 200, json = { Error = null, RowsAffected = 5 } }
  expect = { accepted = false, lost = true }
}

example "the email finds no user" {
  of = "trace by email"
  user = {
    User = { Id = 90417, UserName = "ines.varga", OrganizationId = 612, Disabled = false, Email = "ines@acme.test" }
  }
  answer = { status = 200, json = { Status = 20, Error = "Not found", User = null } }
  expect = { found = false }
}

example "the email still finds the user" {
  of = "trace by email"
  user = {
    User = { Id = 90417, UserName = "ines.varga", OrganizationId = 612, Disabled = false, Email = "ines@acme.test" }
  }
  answer = { status = 200, json = { Status = 0, Error = null, User = { Id = 90417 } } }
  expect = { found = true }
}

example "the external ID finds no user" {
  of = "trace by external ID"
  user = {
    User = {
      Id = 90417, ExternalId = "emp-3107", UserName = "ines.varga", OrganizationId = 612, Disabled = false
      Email = "ines@acme.test"
    }
  }
  answer = { status = 200, json = { Status = 20, Error = "Not found", User = null } }
  expect = { found = false }
}
