package data

// Button is a button of the official account's menu: one with buttons under it,
// or one that gives the bot a command.
type Button struct {
	Name    string   `json:"name"`
	Command string   `json:"command"`
	Sub     []Button `json:"sub"`
}

// Menu returns the menu of the official account.
func Menu() ([]Button, error) { return read[[]Button]("menu.json") }
