package secret_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/secret"
)

const value = "k9/wJalrXUtnFEMI"

// holders are the ways in which a secret is held by a value that somebody
// prints.
func holders() map[string]any {
	s := secret.New(value)
	type exported struct{ S secret.String }
	type hidden struct{ s secret.String }
	type hiddenPointer struct{ s *exported }
	return map[string]any{
		"value":             s,
		"pointer":           &s,
		"struct":            exported{s},
		"pointer to struct": &exported{s},
		"hidden":            hidden{s},
		"pointer to hidden": &hidden{s},
		"hidden pointer":    hiddenPointer{&exported{s}},
		"slice":             []secret.String{s},
		"slice of hidden":   []hidden{{s}},
		"map":               map[string]exported{"a": {s}},
		"map key":           map[secret.String]int{s: 1},
		"any":               []any{s, &s, exported{s}},
	}
}

func TestNothingShowsASecret(t *testing.T) {
	t.Parallel()
	for name, v := range holders() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(how, text string) {
				t.Helper()
				for _, shown := range []string{value, fmt.Sprintf("%x", value), fmt.Sprintf("%X", value), fmt.Sprintf("% x", value), fmt.Sprint([]byte(value)), fmt.Sprintf("%q", value)} {
					if strings.Contains(text, strings.Trim(shown, "[]")) {
						t.Errorf("%s shows the secret: %s", how, text)
					}
				}
			}
			for verb := rune('A'); verb <= 'z'; verb++ {
				for _, flags := range []string{"", "+", "#", " ", "#+", "-30", ".40"} {
					format := "%" + flags + string(verb)
					check(format, fmt.Sprintf(format, v))
				}
			}
			if data, err := json.Marshal(v); err == nil {
				check("encoding/json", string(data))
			}
			if data, err := xml.Marshal(v); err == nil {
				check("encoding/xml", string(data))
			}
			var b bytes.Buffer
			if gob.NewEncoder(&b).Encode(v) == nil {
				check("encoding/gob", b.String())
			}
			b.Reset()
			slog.New(slog.NewTextHandler(&b, nil)).Info("m", "v", v)
			slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "v", v, slog.Group("g", "v", v))
			check("log/slog", b.String())
			check("an error", fmt.Errorf("failed with %v and %w", v, fmt.Errorf("%+v", v)).Error())
		})
	}
}

func TestValue(t *testing.T) {
	t.Parallel()
	s := secret.New(value)
	if s.Reveal() != value || s.IsZero() || s.String() != secret.Redacted {
		t.Errorf("Reveal %q, IsZero %t, String %q", s.Reveal(), s.IsZero(), s)
	}
	if !s.Equal(secret.New(value)) || s.Equal(secret.New("other")) || !reflect.DeepEqual(s, secret.New(value)) {
		t.Error("secrets of one text are not equal, or those of two are")
	}
	for _, zero := range []secret.String{{}, secret.New("")} {
		if zero.Reveal() != "" || !zero.IsZero() || zero.String() != "" || zero.Equal(s) {
			t.Errorf("the secret \"\" is %q, shown as %q", zero.Reveal(), zero)
		}
	}
}
