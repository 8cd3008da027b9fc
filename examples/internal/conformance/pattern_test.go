package conformance_test

import (
	"context"
	"fmt"
)

// patternChecks compare the matching of package pattern with EventBridge's. Each has
// pairs of a pattern and the detail of an event, and a word for each.
var patternChecks = []check{
	patternCheck("pattern: numbers", "Numbers are equal by value, also beyond 5e9 and with an exponent.", "yes yes yes",
		`{"n":[300]}`, `{"n":3.0e2}`,
		`{"n":[5000000001]}`, `{"n":5000000001}`,
		`{"n":[{"numeric":[">",0,"<=",5]}]}`, `{"n":5}`),
	patternCheck("pattern: lists and null", "A list matches by one of its elements, null and an absent field are not the same.", "yes yes no yes yes",
		`{"a":["x"]}`, `{"a":["y","x"]}`,
		`{"a":[null]}`, `{"a":null}`,
		`{"a":[null]}`, `{}`,
		`{"a":[{"exists":false}]}`, `{}`,
		`{"a":[{"exists":true}]}`, `{"a":null}`),
	patternCheck("pattern: texts", "Prefix, suffix, wildcard, anything-but and the forms without case match as package pattern does.", "yes yes yes yes yes yes yes no",
		`{"a":[{"prefix":"refs/heads/"}]}`, `{"a":"refs/heads/main"}`,
		`{"a":[{"suffix":{"equals-ignore-case":".PNG"}}]}`, `{"a":"x.png"}`,
		`{"a":[{"wildcard":"a*c*e"}]}`, `{"a":"abcde"}`,
		`{"a":[{"wildcard":"a\\*c"}]}`, `{"a":"a*c"}`,
		`{"a":[{"equals-ignore-case":"Straße"}]}`, `{"a":"STRAßE"}`,
		`{"a":[{"anything-but":{"prefix":"x"}}]}`, `{"a":"y"}`,
		`{"a":[{"anything-but":["x"]}]}`, `{"a":["x","y"]}`,
		`{"a":[{"anything-but":["x"]}]}`, `{}`),
	patternCheck("pattern: or", "Alternatives of $or match if one of them does.", "yes no",
		`{"$or":[{"a":["x"]},{"b":["y"]}]}`, `{"b":"y"}`,
		`{"$or":[{"a":["x"]},{"b":["y"]}]}`, `{"b":"x"}`),
}

// patternCheck returns the check of pairs of a pattern and an event's detail.
func patternCheck(name, assumes, want string, pairs ...string) check {
	verdicts := func(match func(pattern, event string) (bool, error)) (string, error) {
		text := ""
		for i := 0; i+1 < len(pairs); i += 2 {
			p := `{"detail":` + pairs[i] + `}`
			e := `{"id":"1","version":"0","account":"111122223333","region":"us-east-1","time":"2024-02-29T12:34:56Z","source":"test","resources":[],"detail-type":"Test","detail":` + pairs[i+1] + `}`
			is, err := match(p, e)
			switch {
			case err == nil && is:
				text += "yes "
			case err == nil:
				text += "no "
			default:
				a, err := answer(err)
				if err != nil {
					return "", fmt.Errorf("pattern %s: %w", pairs[i], err)
				}
				text += a + " "
			}
		}
		return text[:len(text)-1], nil
	}
	return check{
		name: name, assumes: assumes, want: want, rests: []string{"events/pattern.Pattern.Match"},
		otherwise: "A rule gets other events than its pattern got in tests.",
		run: func(ctx context.Context, w *world) (string, error) {
			return verdicts(func(text, event string) (bool, error) { return w.match(ctx, text, event) })
		},
	}
}
