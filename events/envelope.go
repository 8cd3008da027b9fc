package events

import (
	"strings"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// snsMessage is an SNS message, sqsRecord an SQS message as Lambda gets them.
type (
	snsMessage struct {
		SNSDelivery
		Message string `event:"Message"`
	}
	snsRecord struct {
		SubscriptionARN string      `event:"EventSubscriptionArn"`
		SNS             *snsMessage `event:"Sns"`
	}
	sqsRecord struct {
		SQSDelivery
		Body string `event:"body"`
	}
)

// records decodes {"Records": [...]}.
func (w *walker) records(d *jsontext.Scanner) error {
	more, err := d.Open('{')
	seen := false
	for more && err == nil {
		var key string
		if key, err = d.Name(); err != nil {
			return err
		}
		switch {
		case key != "Records":
			_, err = d.Value()
		case seen:
			return within(key, d.Fail("the member appears twice"))
		default:
			seen = true
			found := len(w.items)
			if err = w.within(key, found, w.array(d)); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		more, err = d.Next('{')
	}
	return err
}

// record decodes an element of Records.
func (w *walker) record(d *jsontext.Scanner, name typeName) error {
	switch name.source {
	case "aws:codecommit":
		return w.event(d, &RepositoryTrigger{})
	case "aws:s3":
		return w.event(d, &S3Notification{})
	case "aws:sns":
		return w.snsRecord(d)
	case "aws:sqs":
		return w.sqsRecord(d)
	}
	text, err := d.Value()
	if err == nil {
		w.add(&Unknown{}, text)
	}
	return err
}

func (w *walker) snsRecord(d *jsontext.Scanner) error {
	var r snsRecord
	if err := bind(d, &r); err != nil {
		return err
	}
	if r.SNS == nil {
		return within("Sns", d.Fail("missing"))
	}
	r.SNS.SubscriptionARN = r.SubscriptionARN
	found := len(w.items)
	return w.within("Sns", found, w.snsMessage(r.SNS))
}

// sns decodes an SNS message that is no record.
func (w *walker) sns(d *jsontext.Scanner) error {
	start := d.Pos
	var m snsMessage
	if err := bind(d, &m); err != nil {
		return err
	}
	if strings.HasSuffix(m.Type, "Confirmation") { // of a subscription or its end
		w.delivery.SNS = &m.SNSDelivery
		w.add(&Unknown{}, d.Text[start:d.Pos])
		return nil
	}
	return w.snsMessage(&m)
}

func (w *walker) snsMessage(m *snsMessage) error {
	w.delivery.SNS = &m.SNSDelivery
	found := len(w.items)
	return w.within("Message", found, w.message(m.Message))
}

func (w *walker) sqsRecord(d *jsontext.Scanner) error {
	var r sqsRecord
	if err := bind(d, &r); err != nil {
		return err
	}
	if r.MessageID == "" {
		return within("messageId", d.Fail("missing"))
	}
	if w.delivery.SQS == nil { // else it is a batch inside a message, and the message is what SQS knows
		w.delivery.SQS = &r.SQSDelivery
		w.sqs = w.sqs || w.depth <= 1
	}
	found := len(w.items)
	return w.within("body", found, w.message(r.Body))
}
