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
// The handler takes the events of its rule and no others:
//
//	err := events.On(&mux, pattern.When(rule, handle))
//
// # Limits
//
// Patterns have at most 2,048 characters unless [Options] says more, 1,000
// combinations of $or, and wildcards of a complexity of at most 10 in a field,
// see [Wildcard]. AWS publishes neither the last limit nor all rules of matching:
// the package does as the open-source matcher behind EventBridge.
//
// # Permissions
//
// The package makes no AWS calls and needs no permissions. To deploy a pattern
// as a rule takes events:PutRule.
package pattern
