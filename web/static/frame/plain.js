"use strict";
// In front of the other scripts of a frame: reads an object as its prototype has it. A form has its fields, and the document
// its forms and pictures, under their names, before what it has itself: with <input name=children>, form.children is that field.
(() => {
  const { get, getPrototypeOf } = Reflect;

  self.silverprintPlain = object =>
    /** @type {typeof object} */ (
      new Proxy(Object.create(null), {
        get(_, name) {
          const value = get(getPrototypeOf(object) ?? object, name, object);
          return typeof value === "function" ? value.bind(object) : value;
        },
      })
    );
})();
