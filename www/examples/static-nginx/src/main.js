const beds = ['beans', 'beets', 'basil']

document.querySelector('#beds').replaceChildren(
  ...beds.map((bed) => Object.assign(document.createElement('article'), { textContent: bed })),
)
