#compdef quoin
# Completion of quoin for zsh: asks the command itself, as quoin.bash does.

local -a commands options
commands=(${(f)"$(quoin --help 2>/dev/null | sed -nE 's/^  ([a-z][a-z0-9-]*)( [a-z][a-z0-9-]*){0,2}  .*/\1/p' | sort -u)"})

if (( CURRENT == 2 )); then
  compadd -- $commands --help --version
elif (( ${words[(I)--]} > 0 && ${words[(I)--]} < CURRENT )); then
  _files
elif [[ $PREFIX == -* ]]; then
  options=(${(f)"$(quoin ${words[2,CURRENT-1]:#-*} --help 2>/dev/null | grep -oE -- '--[a-z][a-z0-9-]*' | sort -u)"})
  compadd -- $options
else
  # The next word of a command that has several, and files.
  compadd -- ${(f)"$(quoin --help 2>/dev/null | sed -nE "s/^  ${words[2,CURRENT-1]} ([a-z][a-z0-9-]*).*  .*/\1/p" | sort -u)"}
  _files
fi
