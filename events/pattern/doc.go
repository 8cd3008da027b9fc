// Package pattern builds, checks and matches the event patterns of EventBridge
// rules.
//
// A pattern is built in Go from filters and fields, or parsed from JSON. The
// same pattern goes into the rule and into the tests of the handler:
//
//	rule := pattern.Must(pattern.ReferenceFilter{Repository: pattern.Equals("staging")})
//	fmt.Println(rule) // the EventPattern of PutRule or of a template
//	ok, err := rule.Match(event)
//
// # Permissions
//
// The package makes no AWS calls and needs no permissions. To deploy a pattern
// as a rule takes events:PutRule.
package pattern
