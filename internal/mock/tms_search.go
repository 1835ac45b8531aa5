package mock

import (
	"fmt"
	"strconv"
)

// search returns a command that answers with rows of users: of the one that a parameter names, or
// of all.
func (s *TMS) search(user, list string, rowsOf func(*TMSUser, *call) []fields) func(*call) answer {
	return func(c *call) answer {
		index, okIndex := c.queryInt("pageIndex", 0)
		size, okSize := c.queryInt("pageSize", 100)
		if !okIndex || !okSize || size == 0 {
			return s.badParameter("pageIndex or pageSize")
		}
		only, _ := tmsID(c.query.Get(user))
		if c.query.Has(user) && only == 0 {
			return s.badParameter(user)
		}
		rows := []fields{}
		for _, u := range s.list(func(rec *record[TMSUser]) bool {
			return !rec.closed && !s.Hidden[rec.user.ID] && (only == 0 || rec.user.ID == only)
		}) {
			rows = append(rows, rowsOf(&u, c)...)
		}
		size = c.lists.size(size)
		start, end, total := c.lists.window(len(rows), index*size, size)
		f := fields{"TotalCount": total, "TotalPages": (total + size - 1) / size}
		setList(f, list, rows[start:end], s.Lists)
		return s.say(tmsOK, "", f)
	}
}

// enrollmentRows returns the classes of a user.
func enrollmentRows(u *TMSUser, _ *call) []fields {
	rows := []fields{}
	for i, e := range u.Enrollments {
		rows = append(rows, fields{
			"Id": u.ID*100 + int64(i), "UserId": u.ID, "ClassId": 4100 + i, "ClassName": e.Class,
			"EnrollmentStatusId": e.Status, "CompletionStatusId": e.Completion,
		})
	}
	return rows
}

// tmsIncomplete and tmsInProgress are the values of completionStatus that find the rows which the
// mock has: courses that are not completed, and labs in progress.
const (
	tmsIncomplete = 20
	tmsInProgress = 10
)

// hasCompletion reports whether a search wants the rows with this completionStatus.
func hasCompletion(c *call, status int) bool {
	return !c.query.Has("completionStatus") || c.query.Get("completionStatus") == strconv.Itoa(status)
}

// assignmentRows returns the courses of a user. They repeat who the user is.
func assignmentRows(u *TMSUser, c *call) []fields {
	if !hasCompletion(c, tmsIncomplete) {
		return nil
	}
	rows := []fields{}
	for i := range u.Assignments {
		rows = append(rows, fields{
			"Id": u.ID*100 + int64(i), "UserId": u.ID, "CourseId": 5100 + i, "CourseName": fmt.Sprintf("Course %d", i+1),
			"Email": u.Email, "Created": labStart, "Started": nil, "Completed": nil,
		})
	}
	return rows
}

// labRows returns the labs of a user.
func labRows(u *TMSUser, c *call) []fields {
	if !hasCompletion(c, tmsInProgress) {
		return nil
	}
	rows := []fields{}
	for i := range u.Labs {
		rows = append(rows, fields{
			"Id": u.ID*100 + int64(i), "UserId": u.ID, "LabId": 6100 + i, "LabName": fmt.Sprintf("Lab %d", i+1),
			"Start": labStart, "End": nil, "CompletionStatus": tmsInProgress,
		})
	}
	return rows
}

// subscriptionRows returns the subscriptions of a user. Their dates are texts.
func subscriptionRows(u *TMSUser, _ *call) []fields {
	rows := []fields{}
	for i, expires := range u.Subscriptions {
		row := fields{
			"SubscriptionProfileId": 7100 + i, "SubscriptionProfileName": fmt.Sprintf("Subscription %d", i+1),
			"Starts": "2026-01-01T00:00:00", "Expires": nil,
		}
		if expires != "" {
			row["Expires"] = expires
		}
		rows = append(rows, row)
	}
	return rows
}
