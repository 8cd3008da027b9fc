package conformance_test

import (
	"context"
	"fmt"
	"strings"
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
	patternCheck("pattern: numbers out of the documented range", "Numbers of more than 5e9 and of more than six decimal places are compared.", "yes no yes",
		`{"n":[{"numeric":[">",5000000001]}]}`, `{"n":5000000002}`,
		`{"n":[{"numeric":["=",0.12345671]}]}`, `{"n":0.12345672}`,
		`{"n":[{"numeric":["<",-5000000001]}]}`, `{"n":-5000000002}`),
	patternCheck("pattern: addresses", "CIDR matches addresses of IPv4 and IPv6, and a block of one address is refused.", "yes no yes InvalidEventPatternException",
		`{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"10.1.2.3"}`,
		`{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"11.1.2.3"}`,
		`{"a":[{"cidr":"2001:db8::/32"}]}`, `{"a":"2001:db8::1"}`,
		`{"a":[{"cidr":"10.0.0.0/32"}]}`, `{"a":"10.0.0.0"}`),
	patternCheck("pattern: objects", "An object and an empty list are as good as missing, and so is a field whose parent is missing.", "no no yes",
		`{"a":[{"exists":true}]}`, `{"a":{"b":1}}`,
		`{"a":[{"exists":true}]}`, `{"a":[]}`,
		`{"a":{"b":[{"exists":false}]}}`, `{"c":1}`),
	patternCheck("pattern: complexity", "Wildcards of the complexity 10 are taken, and those of 11 refused; the wildcards of a field add up.", "no InvalidEventPatternException no InvalidEventPatternException",
		`{"a":[{"wildcard":"*oo*oo*oo*"}]}`, `{"a":"x"}`,
		`{"a":[{"wildcard":"*:*:*:*:*:rule/*"}]}`, `{"a":"x"}`,
		`{"a":[{"wildcard":"*/docs/*"},{"wildcard":"*/web/*"},{"wildcard":"*/api/*"}]}`, `{"a":"x"}`,
		`{"a":[{"wildcard":"*/docs/*"},{"wildcard":"*/web/*"},{"wildcard":"*/api/*"},{"wildcard":"*/cmd/*"}]}`, `{"a":"x"}`),
	patternCheck("pattern: refused", "Patterns that package pattern refuses are refused.",
		strings.TrimSpace(strings.Repeat("InvalidEventPatternException ", 8)),
		`{"a":[]}`, `{}`,
		`{"a":[{"regex":"x"}]}`, `{}`,
		`{"a":[{"prefix":"x","suffix":"y"}]}`, `{}`,
		`{"a":[{"wildcard":"x**"}]}`, `{}`,
		`{"a":[{"wildcard":"x\\y"}]}`, `{}`,
		`{"a":[{"numeric":[">=",5,"<=",5]}]}`, `{}`,
		`{"a":[{"anything-but":["x",1]}]}`, `{}`,
		`{"$or":[{"a":["x"]}]}`, `{}`),
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
		name: name, assumes: assumes, want: want, rests: []string{"events/pattern.Pattern.Match", "events/pattern.Parse", "events/pattern.Wildcard", "events/pattern.maxComplexity"},
		otherwise: "A rule gets other events than its pattern got in tests.",
		run: func(ctx context.Context, w *world) (string, error) {
			return verdicts(func(text, event string) (bool, error) { return w.match(ctx, text, event) })
		},
	}
}
