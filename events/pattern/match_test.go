package pattern_test

import (
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events/pattern"
)

// TestPatternMatch has, for each operator, what EventBridge does by its
// documentation, by its TestEventPattern API, or by the open-source matcher
// behind it.
func TestMatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		pattern string
		event   string
		want    bool
	}{
		// Equality.
		{"string", `{"a":["x"]}`, `{"a":"x"}`, true},
		{"string differs", `{"a":["x"]}`, `{"a":"y"}`, false},
		{"value with case", `{"a":["x"]}`, `{"a":"X"}`, false},
		{"name with case", `{"a":["x"]}`, `{"A":"x"}`, false},
		{"missing", `{"a":["x"]}`, `{"b":"x"}`, false},
		{"one of several", `{"a":["x","y"]}`, `{"a":"y"}`, true},
		{"mixed types", `{"a":["x",1,null,true]}`, `{"a":true}`, true},
		{"empty string", `{"a":[""]}`, `{"a":""}`, true},
		{"empty string is not null", `{"a":[""]}`, `{"a":null}`, false},
		{"null", `{"a":[null]}`, `{"a":null}`, true},
		{"null is not missing", `{"a":[null]}`, `{}`, false},
		{"null is not the string", `{"a":[null]}`, `{"a":"null"}`, false},
		{"null is not in an empty list", `{"a":[null]}`, `{"a":[]}`, false},
		{"true", `{"a":[true]}`, `{"a":true}`, true},
		{"true is not false", `{"a":[true]}`, `{"a":false}`, false},
		{"true is not the string", `{"a":[true]}`, `{"a":"true"}`, false},
		{"string is not the boolean", `{"a":["true"]}`, `{"a":true}`, false},
		{"exactly", `{"a":[{"exactly":"x"}]}`, `{"a":"x"}`, true},
		{"object is no value", `{"a":["x"]}`, `{"a":{"x":"x"}}`, false},
		{"escaped and plain", `{"a":["\u00e9\/"]}`, `{"a":"é/"}`, true},
		{"unlike forms of a letter", `{"a":["\u00e9"]}`, `{"a":"e\u0301"}`, false},
		{"two fields", `{"a":["x"],"b":["y"]}`, `{"b":"y","a":"x","c":1}`, true},
		{"one of two fields", `{"a":["x"],"b":["y"]}`, `{"a":"x","b":"z"}`, false},
		{"nested", `{"a":{"b":{"c":["x"]}}}`, `{"a":{"b":{"c":"x","d":1}}}`, true},
		{"nested in a value", `{"a":{"b":["x"]}}`, `{"a":"x"}`, false},
		{"nested in null", `{"a":{"b":["x"]}}`, `{"a":null}`, false},
		{"duplicate name in the event, last counts", `{"a":["x"]}`, `{"a":"x","a":"y"}`, false},
		{"duplicate name in the event, last matches", `{"a":["y"]}`, `{"a":"x","a":"y"}`, true},
		{"duplicate object in the event", `{"a":{"b":[1]}}`, `{"a":{"b":1},"a":{"c":2}}`, false},

		// Numbers.
		{"number", `{"a":[300]}`, `{"a":300}`, true},
		{"number with fraction", `{"a":[300]}`, `{"a":300.0}`, true},
		{"number with exponent", `{"a":[300]}`, `{"a":3.0e2}`, true},
		{"number with negative exponent", `{"a":[0.25]}`, `{"a":25E-2}`, true},
		{"number differs", `{"a":[300]}`, `{"a":301}`, false},
		{"number is not the string", `{"a":[300]}`, `{"a":"300"}`, false},
		{"string is not the number", `{"a":["300"]}`, `{"a":300}`, false},
		{"minus zero", `{"a":[0]}`, `{"a":-0.0}`, true},
		{"zero with an absurd exponent", `{"a":[0]}`, `{"a":0e99999999999}`, true},
		{"account number", `{"a":[123456789012]}`, `{"a":123456789012}`, true},
		{"account number with fraction", `{"a":[123456789012]}`, `{"a":123456789012.0}`, true},
		{"five billion", `{"a":[5000000000]}`, `{"a":5e9}`, true},
		{"beyond five billion", `{"a":[5000000001]}`, `{"a":5.000000001e9}`, true},
		{"six places", `{"a":[0.000001]}`, `{"a":1e-6}`, true},
		{"seven places", `{"a":[0.0000001]}`, `{"a":1e-7}`, true},
		{"seven places as written", `{"a":[1e-7]}`, `{"a":1e-7}`, true},

		// Numeric ranges.
		{"equal", `{"a":[{"numeric":["=",5]}]}`, `{"a":5.0}`, true},
		{"not equal", `{"a":[{"numeric":["=",5]}]}`, `{"a":5.000001}`, false},
		{"less", `{"a":[{"numeric":["<",5]}]}`, `{"a":4.999999}`, true},
		{"less, at the bound", `{"a":[{"numeric":["<",5]}]}`, `{"a":5}`, false},
		{"less or equal, at the bound", `{"a":[{"numeric":["<=",5]}]}`, `{"a":5}`, true},
		{"greater", `{"a":[{"numeric":[">",100]}]}`, `{"a":101.0}`, true},
		{"greater, at the bound", `{"a":[{"numeric":[">",100]}]}`, `{"a":100}`, false},
		{"greater or equal, at the bound", `{"a":[{"numeric":[">=",100]}]}`, `{"a":1e2}`, true},
		{"between", `{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":5}`, true},
		{"below", `{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":0}`, false},
		{"above", `{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":5.1}`, false},
		{"negative", `{"a":[{"numeric":[">=",-2.5,"<",-1]}]}`, `{"a":-2.5}`, true},
		{"string of digits", `{"a":[{"numeric":[">",0]}]}`, `{"a":"5"}`, false},
		{"range on null", `{"a":[{"numeric":[">=",0]}]}`, `{"a":null}`, false},
		{"range on a list", `{"a":[{"numeric":[">",7]}]}`, `{"a":[1,"x",8]}`, true},
		{"milliseconds in a range", `{"a":[{"numeric":[">",0]}]}`, `{"a":1772600767123}`, true},
		{"range of large numbers", `{"a":[{"numeric":[">",5000000001,"<=",6442450944]}]}`, `{"a":6442450944}`, true},
		{"too large for a range", `{"a":[{"numeric":[">",0]}]}`, `{"a":1e309}`, false},
		{"below a range of all", `{"a":[{"numeric":["<",-5e9]}]}`, `{"a":-6e9}`, true},
		{"seven places in a range", `{"a":[{"numeric":[">",0]}]}`, `{"a":0.1234567}`, true},
		{"too fine for a range", `{"a":[{"numeric":[">",0]}]}`, `{"a":0.10000000000000001}`, false},
		{"too many digits for a number", `{"a":[9007199254740993]}`, `{"a":9007199254740992}`, false},
		{"too many digits as written", `{"a":[9007199254740993]}`, `{"a":9007199254740993}`, true},

		// Prefix, suffix and case.
		{"prefix", `{"a":[{"prefix":"ab"}]}`, `{"a":"abc"}`, true},
		{"prefix, whole", `{"a":[{"prefix":"ab"}]}`, `{"a":"ab"}`, true},
		{"prefix longer than the value", `{"a":[{"prefix":"abc"}]}`, `{"a":"ab"}`, false},
		{"prefix with case", `{"a":[{"prefix":"ab"}]}`, `{"a":"Abc"}`, false},
		{"prefix of a number", `{"a":[{"prefix":"1"}]}`, `{"a":12}`, false},
		{"empty prefix is any string", `{"a":[{"prefix":""}]}`, `{"a":""}`, true},
		{"empty prefix is no number", `{"a":[{"prefix":""}]}`, `{"a":1}`, false},
		{"prefix without case", `{"a":[{"prefix":{"equals-ignore-case":"aB"}}]}`, `{"a":"Abc"}`, true},
		{"prefix without case differs", `{"a":[{"prefix":{"equals-ignore-case":"aB"}}]}`, `{"a":"Acb"}`, false},
		{"suffix", `{"a":[{"suffix":".png"}]}`, `{"a":"x.png"}`, true},
		{"suffix with case", `{"a":[{"suffix":".png"}]}`, `{"a":"x.PNG"}`, false},
		{"suffix longer than the value", `{"a":[{"suffix":".png"}]}`, `{"a":"png"}`, false},
		{"suffix without case", `{"a":[{"suffix":{"equals-ignore-case":".pnÉ"}}]}`, `{"a":"x.PNé"}`, true},
		{"suffix without case, too short", `{"a":[{"suffix":{"equals-ignore-case":".png"}}]}`, `{"a":"PNG"}`, false},
		{"ignore case", `{"a":[{"equals-ignore-case":"Straße"}]}`, `{"a":"sTRAßE"}`, true},
		{"ignore case, of another length", `{"a":[{"equals-ignore-case":"ab"}]}`, `{"a":"abc"}`, false},
		{"ignore case, empty", `{"a":[{"equals-ignore-case":""}]}`, `{"a":""}`, true},
		{"ignore case, empty and not", `{"a":[{"equals-ignore-case":""}]}`, `{"a":"a"}`, false},

		// Wildcards.
		{"wildcard", `{"a":[{"wildcard":"dir/*.png"}]}`, `{"a":"dir/x.png"}`, true},
		{"wildcard for nothing", `{"a":[{"wildcard":"dir/*.png"}]}`, `{"a":"dir/.png"}`, true},
		{"wildcard without *", `{"a":[{"wildcard":"dir"}]}`, `{"a":"dir"}`, true},
		{"wildcard without *, longer", `{"a":[{"wildcard":"dir"}]}`, `{"a":"dirs"}`, false},
		{"wildcard over separators", `{"a":[{"wildcard":"arn:*:repo"}]}`, `{"a":"arn:aws:x:repo"}`, true},
		{"wildcard, ends overlap", `{"a":[{"wildcard":"ab*ba"}]}`, `{"a":"aba"}`, false},
		{"wildcard, several", `{"a":[{"wildcard":"*a*b*c"}]}`, `{"a":"xxaxxbxxbc"}`, true},
		{"wildcard, order", `{"a":[{"wildcard":"*a*b*"}]}`, `{"a":"ba"}`, false},
		{"wildcard alone", `{"a":[{"wildcard":"*"}]}`, `{"a":""}`, true},
		{"wildcard alone is no number", `{"a":[{"wildcard":"*"}]}`, `{"a":1}`, false},
		{"wildcard, empty", `{"a":[{"wildcard":""}]}`, `{"a":"x"}`, false},
		{"escaped *", `{"a":[{"wildcard":"a\\**"}]}`, `{"a":"a*b"}`, true},
		{"escaped * is no wildcard", `{"a":[{"wildcard":"a\\*"}]}`, `{"a":"ab"}`, false},
		{"escaped backslash", `{"a":[{"wildcard":"a\\\\*"}]}`, `{"a":"a\\b"}`, true},

		// Anything-but.
		{"anything but", `{"a":[{"anything-but":"x"}]}`, `{"a":"y"}`, true},
		{"anything but, equal", `{"a":[{"anything-but":"x"}]}`, `{"a":"x"}`, false},
		{"anything but, missing", `{"a":[{"anything-but":"x"}]}`, `{}`, false},
		{"anything but, null", `{"a":[{"anything-but":"x"}]}`, `{"a":null}`, true},
		{"anything but, number", `{"a":[{"anything-but":"1"}]}`, `{"a":1}`, true},
		{"anything but, object", `{"a":[{"anything-but":"x"}]}`, `{"a":{"b":1}}`, false},
		{"anything but, empty list", `{"a":[{"anything-but":"x"}]}`, `{"a":[]}`, false},
		{"anything but, one of the list", `{"a":[{"anything-but":"x"}]}`, `{"a":["x","y"]}`, true},
		{"anything but, all of the list", `{"a":[{"anything-but":["x","y"]}]}`, `{"a":["x","y"]}`, false},
		{"anything but a number", `{"a":[{"anything-but":123}]}`, `{"a":123.0}`, false},
		{"anything but a number, string", `{"a":[{"anything-but":123}]}`, `{"a":"123"}`, true},
		{"anything but numbers", `{"a":[{"anything-but":[0,1]}]}`, `{"a":2}`, true},
		{"anything but a prefix", `{"a":[{"anything-but":{"prefix":"init"}}]}`, `{"a":"running"}`, true},
		{"anything but a prefix, with it", `{"a":[{"anything-but":{"prefix":"init"}}]}`, `{"a":"initial"}`, false},
		{"anything but a prefix, number", `{"a":[{"anything-but":{"prefix":"1"}}]}`, `{"a":12}`, true},
		{"anything but prefixes", `{"a":[{"anything-but":{"prefix":["a","b"]}}]}`, `{"a":"bc"}`, false},
		{"anything but a suffix", `{"a":[{"anything-but":{"suffix":".txt"}}]}`, `{"a":"x.txt"}`, false},
		{"anything but suffixes", `{"a":[{"anything-but":{"suffix":[".txt",".md"]}}]}`, `{"a":"x.go"}`, true},
		{"anything but, ignore case", `{"a":[{"anything-but":{"equals-ignore-case":["on","off"]}}]}`, `{"a":"OFF"}`, false},
		{"anything but a wildcard", `{"a":[{"anything-but":{"wildcard":"*/lib/*"}}]}`, `{"a":"x/lib/y"}`, false},
		{"anything but wildcards", `{"a":[{"anything-but":{"wildcard":["*/lib/*","*/bin/*"]}}]}`, `{"a":"x/src/y"}`, true},
		{"anything but, or missing", `{"a":{"b":[{"anything-but":["x"]},{"exists":false}]}}`, `{"c":1}`, true},

		// Exists.
		{"exists", `{"a":[{"exists":true}]}`, `{"a":0}`, true},
		{"exists, null", `{"a":[{"exists":true}]}`, `{"a":null}`, true},
		{"exists, missing", `{"a":[{"exists":true}]}`, `{}`, false},
		{"exists, empty list", `{"a":[{"exists":true}]}`, `{"a":[]}`, false},
		{"exists, object", `{"a":[{"exists":true}]}`, `{"a":{"b":1}}`, false},
		{"exists in a list of objects", `{"a":{"b":[{"exists":true}]}}`, `{"a":[{"c":1},{"b":1}]}`, true},
		{"does not exist", `{"a":[{"exists":false}]}`, `{"b":1}`, true},
		{"does not exist, null", `{"a":[{"exists":false}]}`, `{"a":null}`, false},
		{"does not exist, object", `{"a":[{"exists":false}]}`, `{"a":{"b":1}}`, true},
		{"does not exist, empty list", `{"a":[{"exists":false}]}`, `{"a":[]}`, true},
		{"does not exist, parent missing", `{"a":{"b":{"c":[{"exists":false}]}}}`, `{"x":1}`, true},
		{"does not exist, parent is a value", `{"a":{"b":[{"exists":false}]}}`, `{"a":"x"}`, true},
		{"does not exist, in any element", `{"a":{"b":[{"exists":false}]}}`, `{"a":[{"c":1},{"b":1}]}`, false},
		{"does not exist, in the element that matches", `{"a":{"b":["x"],"c":[{"exists":false}]}}`, `{"a":[{"b":"x"},{"b":"y","c":1}]}`, true},
		{"does not exist, but in the element that matches", `{"a":{"b":["x"],"c":[{"exists":false}]}}`, `{"a":[{"b":"x","c":1},{"b":"y"}]}`, false},
		{"does not exist, looked for before an element matches", `{"a":{"b":[{"exists":false}],"c":["x"]}}`, `{"a":[{"c":"x"},{"b":1}]}`, false},
		{"does not exist, or has a value", `{"a":[{"exists":false},"x"]}`, `{"a":"x"}`, true},
		{"does not exist, or has another value", `{"a":[{"exists":false},"x"]}`, `{"a":"y"}`, false},

		// Lists.
		{"list", `{"a":["x"]}`, `{"a":["w","x"]}`, true},
		{"list without", `{"a":["x"]}`, `{"a":["w","y"]}`, false},
		{"list in a list", `{"a":["x"]}`, `{"a":[["w"],[["x"]]]}`, true},
		{"list and list", `{"resources":["r1","r2"]}`, `{"resources":["r2","r3"]}`, true},
		{"list of objects", `{"a":{"b":["x"]}}`, `{"a":[{"b":"w"},{"b":"x"}]}`, true},
		{"list of objects, one element", `{"a":{"b":["x"],"c":["y"]}}`, `{"a":[{"b":"x","c":"z"},{"b":"x","c":"y"}]}`, true},
		{"list of objects, across elements", `{"a":{"b":["Anna"],"c":["Jones"]}}`, `{"a":[{"b":"Anna","c":"Smith"},{"b":"Peter","c":"Jones"}]}`, false},
		{"list of lists of objects", `{"a":{"b":["x"],"c":["y"]}}`, `{"a":[[{"b":"x"}],[{"b":"x","c":"y"}]]}`, true},
		{"list of lists of objects, across", `{"a":{"b":["x"],"c":["y"]}}`, `{"a":[[{"b":"x"},{"c":"y"}]]}`, false},
		{"lists below one element", `{"a":{"b":{"x":[1]},"c":{"x":[2]}}}`, `{"a":[{"b":[{"x":0},{"x":1}],"c":[{"x":2}]}]}`, true},
		{"two lists are independent", `{"a":{"x":[1]},"b":{"x":[2]}}`, `{"a":[{"x":0},{"x":1}],"b":[{"x":2},{"x":0}]}`, true},
		{"list of values and objects", `{"a":{"b":["x"]}}`, `{"a":["x",null,{"b":"x"}]}`, true},

		// Alternatives of fields.
		{"or, first", `{"$or":[{"a":["x"]},{"b":["y"]}]}`, `{"a":"x"}`, true},
		{"or, second", `{"$or":[{"a":["x"]},{"b":["y"]}]}`, `{"a":"w","b":"y"}`, true},
		{"or, none", `{"$or":[{"a":["x"]},{"b":["y"]}]}`, `{"a":"y","b":"x"}`, false},
		{"or and a field", `{"c":[1],"$or":[{"a":["x"]},{"b":["y"]}]}`, `{"a":"x","c":2}`, false},
		{"or with and", `{"$or":[{"a":["x"],"c":[1]},{"b":["y"]}]}`, `{"a":"x","c":2}`, false},
		{"or below a field", `{"d":{"s":["x"],"$or":[{"a":[1]},{"b":[2]}]}}`, `{"d":{"s":"x","b":2}}`, true},
		{"or in or", `{"$or":[{"a":["x"]},{"b":["y"],"$or":[{"c":[1]},{"d":[2]}]}]}`, `{"b":"y","d":2}`, true},
		{"or in or, outer half", `{"$or":[{"a":["x"]},{"b":["y"],"$or":[{"c":[1]},{"d":[2]}]}]}`, `{"b":"y"}`, false},
		{"or on two levels", `{"$or":[{"a":[1]},{"b":[1]}],"d":{"$or":[{"a":[2]},{"b":[2]}]}}`, `{"b":1,"d":{"a":2}}`, true},
		{"or on two levels, one", `{"$or":[{"a":[1]},{"b":[1]}],"d":{"$or":[{"a":[2]},{"b":[2]}]}}`, `{"b":1,"d":{"a":1}}`, false},
		{"or and a list of objects", `{"a":{"b":[1]},"$or":[{"a":{"c":[2]}},{"x":[9]}]}`, `{"a":[{"b":1},{"c":2}]}`, false},
		{"or and one object of a list", `{"a":{"b":[1]},"$or":[{"a":{"c":[2]}},{"x":[9]}]}`, `{"a":[{"b":1,"c":2}]}`, true},
		{"or with exists", `{"$or":[{"a":[{"exists":false}]},{"a":["x"]}]}`, `{"a":"x"}`, true},
		{"or for a value and below it", `{"a":["x"],"$or":[{"a":{"b":["y"]}},{"c":[1]}]}`, `{"a":["x",{"b":"y"}]}`, true},
		{"$or as a name, object", `{"$or":{"a":["x"]}}`, `{"$or":{"a":"x"}}`, true},
		{"$or as a name, values", `{"$or":["x","y"]}`, `{"$or":"y"}`, true},
		{"$or as a name, operators", `{"$or":[{"prefix":"x"},{"exists":false}]}`, `{"$or":"xy"}`, true},
		{"$or in the event means nothing", `{"$or":[{"a":["x"]},{"b":["y"]}]}`, `{"$or":[{"a":"x"}]}`, false},

		// Dots.
		{"dot in the pattern", `{"a.b":["x"]}`, `{"a":{"b":"x"}}`, true},
		{"dot in the event", `{"a":{"b":["x"]}}`, `{"a.b":"x"}`, true},
		{"dots in both", `{"a.b":{"c":["x"]}}`, `{"a":{"b.c":"x"}}`, true},
		{"dot and object in the event", `{"a":{"b":[1],"c":[2]}}`, `{"a":{"b":1},"a.c":2}`, true},
		{"dot and object for one name", `{"a":{"b":[2]}}`, `{"a":{"b":1},"a.b":2}`, true},
		{"dot at the ends", `{"a.":["x"]}`, `{"a":{"":"x"}}`, true},

		// Addresses.
		{"cidr", `{"a":[{"cidr":"10.0.0.0/24"}]}`, `{"a":"10.0.0.255"}`, true},
		{"cidr, outside", `{"a":[{"cidr":"10.0.0.0/24"}]}`, `{"a":"10.0.1.0"}`, false},
		{"cidr with host bits", `{"a":[{"cidr":"10.0.0.77/24"}]}`, `{"a":"10.0.0.1"}`, true},
		{"cidr of all", `{"a":[{"cidr":"0.0.0.0/0"}]}`, `{"a":"255.255.255.255"}`, true},
		{"cidr, no address", `{"a":[{"cidr":"10.0.0.0/24"}]}`, `{"a":"10.0.0"}`, false},
		{"cidr, number", `{"a":[{"cidr":"10.0.0.0/24"}]}`, `{"a":167772161}`, false},
		{"cidr, IPv6", `{"a":[{"cidr":"2001:db8::/32"}]}`, `{"a":"2001:DB8:0:1::5"}`, true},
		{"cidr of all, other family", `{"a":[{"cidr":"::/0"}]}`, `{"a":"10.0.0.1"}`, true},
		{"cidr of all IPv4, IPv6", `{"a":[{"cidr":"0.0.0.0/0"}]}`, `{"a":"2001:db8::7"}`, true},
		{"cidr of half, other family", `{"a":[{"cidr":"128.0.0.0/1"}]}`, `{"a":"2001:db8::7"}`, false},
		{"cidr, IPv6 that begins alike", `{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"a12::1"}`, true},
		{"cidr, IPv4 too short for IPv6", `{"a":[{"cidr":"a00:1::/32"}]}`, `{"a":"10.0.0.1"}`, false},
		{"cidr of all, number", `{"a":[{"cidr":"0.0.0.0/0"}]}`, `{"a":5}`, true},
		{"cidr of all, negative number", `{"a":[{"cidr":"0.0.0.0/0"}]}`, `{"a":-5}`, false},
		{"cidr of all, boolean", `{"a":[{"cidr":"0.0.0.0/0"}]}`, `{"a":true}`, false},
		{"cidr of all, other string", `{"a":[{"cidr":"0.0.0.0/0"}]}`, `{"a":"abc"}`, false},
		{"address in another form", `{"a":["2001:db8::1"]}`, `{"a":"2001:db8:0:0::1"}`, true},
		{"anything but an address", `{"a":[{"anything-but":"2001:db8::1"}]}`, `{"a":"2001:db8:0:0::1"}`, true},
	}
	seen := map[string]bool{}
	for _, tt := range tests {
		if seen[tt.name] {
			t.Fatalf("two cases are named %q", tt.name)
		}
		seen[tt.name] = true
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := pattern.Parse([]byte(tt.pattern))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := p.Match([]byte(tt.event)); err != nil || got != tt.want {
				t.Errorf("%s on %s: got %t, %v, want %t", tt.pattern, tt.event, got, err, tt.want)
			}
		})
	}
}

func TestMatchBadEvent(t *testing.T) {
	t.Parallel()
	p := pattern.Must(pattern.Fields{"a": pattern.Equals("x")})
	tests := []struct{ name, event, want string }{
		{"nothing", ``, "found the end"},
		{"cut", `{"a":"x"`, "found the end"},
		{"not UTF-8", "{\"a\":\"\xff\"}", "UTF-8"},
		{"bad value", `{"a":[nul]}`, "an unknown word"},
		{"not JSON", `a`, "invalid character"},
		{"two values", `{"a":"x"}{}`, "more text"},
		{"list", `[{"a":"x"}]`, "want an object"},
		{"null", `null`, "want an object"},
		{"deep", `{"a":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`, "128 deep"},
		{"very deep", `{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, "128 deep"},
		{"dots", `{"` + strings.Repeat(".", 200) + `":1}`, "100 dots"},
		{"large", `{"a":"` + strings.Repeat("x", 5<<20) + `"}`, "limit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := p.Match([]byte(tt.event))
			if got || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %t, %v, want an error with %q", got, err, tt.want)
			}
		})
	}
	if _, err := (pattern.Pattern{}).Match([]byte(`{}`)); err == nil {
		t.Error("the zero Pattern matches without an error")
	}
}
